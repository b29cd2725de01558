/** What the services say to one another, and to whoever started them. */
import type { Ledger } from 'spanlog';

export interface Card {
  readonly number: string;
  /** The bank that issued the card. */
  readonly issuer: string;
}

/** `POST /orders` of checkout. */
export interface Order {
  readonly order_id: string;
  readonly customer_id: string;
  readonly sku: string;
  readonly quantity: number;
  readonly amount: number;
  readonly currency: string;
  readonly card: Card;
  /** Where the customer's browser goes afterwards. */
  readonly return_url: string;
  /** Present when the customer signs in with this order. */
  readonly password?: string;
}

/** `POST /charges` of payment. */
export type Charge = Pick<Order, 'order_id' | 'customer_id' | 'amount' | 'currency' | 'card'>;

/** What payment and checkout answer when it did not work. */
export interface Failure {
  readonly error: string;
  readonly reason: string;
  /** Of checkout, for the customer to quote. */
  readonly trace_id?: string | undefined;
}

/** `POST /authorizations` of the gateway. */
export interface Authorization {
  readonly pan: string;
  readonly issuer: string;
  readonly amount: number;
}

/** `POST /issuer-links` of the gateway: while a link is down, cards of that issuer get no answer. */
export interface IssuerLink {
  readonly issuer: string;
  readonly up: boolean;
}

/** What a service tells the process that started it. */
export type ServiceMessage =
  { readonly type: 'ready'; readonly url: string } | { readonly type: 'ledger'; readonly ledger: Ledger };

/** What it is asked for: a flush, and then the ledger. */
export const ASK_LEDGER = 'ledger';
