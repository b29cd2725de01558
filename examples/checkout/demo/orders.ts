/**
 * The orders of the demo, and the secrets in them. All are made up at run time: cards are test numbers under the prefix
 * that card networks keep for tests, with a right check digit, so that they look real to whoever looks for cards.
 */
import { randomBytes } from 'node:crypto';
import type { Order } from '../contracts.ts';

/** A value that must not be found anywhere. */
export interface Secret {
  readonly kind: 'card' | 'password' | 'token';
  /** The ways it may be written. */
  readonly spellings: readonly string[];
}

export interface DemoOrder {
  readonly requestId: string;
  readonly order: Order;
}

/** The issuer whose link the gateway loses. */
export const FAILING_ISSUER = 'northbank';
const ISSUERS = ['albion', 'meridian', 'savoy'] as const;
const SKUS = ['lamp-brass', 'chair-oak', 'rug-wool', 'mug-blue', 'desk-walnut'] as const;
const FIRST_NUMBER = 1_001;
/** Cards are used again after that many orders, so that a demo that runs for days holds no growing list. */
const CARDS = 24;
const SIGN_IN_EVERY = 4;

export class Orders {
  /** Goes with every call of payment to the gateway. */
  readonly gatewayToken: string = randomText(24);
  readonly #cards: readonly string[] = Array.from({ length: CARDS }, (_, i) => testCard(i));
  readonly #password = `Pw-${randomText(8)}`;
  readonly #sessionToken = randomText(24);
  readonly #secrets: readonly Secret[];
  #made = 0;

  constructor() {
    this.#secrets = [
      ...this.#cards.map((card): Secret => ({ kind: 'card', spellings: spellingsOf(card) })),
      { kind: 'password', spellings: [this.#password] },
      { kind: 'token', spellings: [this.gatewayToken] },
      { kind: 'token', spellings: [this.#sessionToken] },
    ];
  }

  /** Those that went out with the orders made so far. */
  get planted(): readonly Secret[] {
    const usedCards = Math.min(this.#made, CARDS);
    return [...this.#secrets.slice(0, usedCards), ...this.#secrets.slice(CARDS)];
  }

  next(issuer?: string): DemoOrder {
    const i = this.#made++;
    const number = FIRST_NUMBER + i;
    const order: Order = {
      order_id: `o-${number}`,
      customer_id: `c-${200 + ((i * 37) % 90)}`,
      sku: pick(SKUS, i),
      quantity: 1 + (i % 3),
      amount: 19.9 + ((i * 3_175) % 24_000) / 100,
      currency: 'EUR',
      card: { number: pick(this.#cards, i), issuer: issuer ?? pick(ISSUERS, i) },
      return_url: `https://shop.example/thanks?session_token=${this.#sessionToken}`,
      ...(i % SIGN_IN_EVERY === 0 && { password: this.#password }),
    };
    return { requestId: `req-${number}`, order: { ...order, amount: Math.round(order.amount * 100) / 100 } };
  }
}

function pick<T>(from: readonly T[], i: number): T {
  return from[i % from.length] as T;
}

function randomText(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

/** `4111 11xx xxxx xxxC`, with the check digit of ISO/IEC 7812-1 (Luhn). */
function testCard(index: number): string {
  const digits = `${'41'.padEnd(6, '1')}${String(123_456_701 + index * 7_919)}`;
  const sum = digits
    .split('')
    .reverse()
    .reduce((total, digit, i) => {
      const doubled = Number(digit) * (i % 2 === 0 ? 2 : 1);
      return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`.replace(/\d{4}(?=\d)/g, '$& ');
}

function spellingsOf(card: string): string[] {
  return ['', ' ', '-'].map((separator) => card.replaceAll(' ', separator));
}
