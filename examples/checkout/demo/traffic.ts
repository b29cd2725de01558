/** Customers: they order at checkout, a few at a time. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Failure, IssuerLink } from '../contracts.ts';
import { FAILING_ISSUER } from './orders.ts';
import type { DemoOrder, Orders } from './orders.ts';

/** What came of one order, as the customer sees it. */
export interface Outcome {
  readonly orderId: string;
  readonly requestId: string;
  /** 0 when no answer came. */
  readonly status: number;
  /** Told when it failed, for the customer to quote. */
  readonly traceId: string | undefined;
}

export interface TrafficParts {
  readonly checkoutUrl: string;
  readonly gatewayUrl: string;
  readonly orders: Orders;
  /** Says what happens, between the lines of the services. */
  readonly remark: (text: string) => void;
}

const HEALTHY_BEFORE = 5;
const HEALTHY_MEANWHILE = 6;
/** Between two customers, in ms. An order takes about half of it, so that one and the next overlap at times. */
const GAP_MS = 90;
/** Between those who come while the failing order is tried three times. */
const MEANWHILE_GAP_MS = 150;
const SLOW_GAP_MS = 2_000;
const ORDER_TIMEOUT_MS = 5_000;

/** Healthy orders, then one whose card gets no answer, while others go on. Resolves when all have their answer. */
export async function playIncident(parts: TrafficParts): Promise<readonly Outcome[]> {
  const { orders, remark } = parts;
  const outcomes: Promise<Outcome>[] = [];
  for (let i = 0; i < HEALTHY_BEFORE; i++) {
    outcomes.push(place(parts, orders.next()));
    await delay(GAP_MS);
  }
  const failing = orders.next(FAILING_ISSUER);
  remark(
    `the gateway loses its link to ${FAILING_ISSUER}; order ${failing.order.order_id} is paid with a card of theirs`,
  );
  await setLink(parts, false);
  outcomes.push(place(parts, failing));
  for (let i = 0; i < HEALTHY_MEANWHILE; i++) {
    await delay(MEANWHILE_GAP_MS);
    outcomes.push(place(parts, orders.next()));
  }
  const settled = await Promise.all(outcomes);
  await setLink(parts, true);
  return settled;
}

/** An order every two seconds, all healthy, until `signal` is aborted; then waits for the last answer. */
export async function goOn(parts: TrafficParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const outcome = place(parts, parts.orders.next());
    // Aborted while waiting: the loop ends by itself.
    await delay(SLOW_GAP_MS, undefined, { signal }).catch(() => undefined);
    await outcome;
  }
}

/** Never rejects: a customer without an answer is an outcome, too. */
async function place({ checkoutUrl }: TrafficParts, { requestId, order }: DemoOrder): Promise<Outcome> {
  const outcome = { orderId: order.order_id, requestId };
  try {
    const response = await send(`${checkoutUrl}/orders`, requestId, order);
    const body: unknown = await response.json();
    return { ...outcome, status: response.status, traceId: response.ok ? undefined : (body as Failure).trace_id };
  } catch {
    return { ...outcome, status: 0, traceId: undefined };
  }
}

async function setLink({ gatewayUrl }: TrafficParts, up: boolean): Promise<void> {
  const link: IssuerLink = { issuer: FAILING_ISSUER, up };
  await (await send(`${gatewayUrl}/issuer-links`, up ? 'probe-2' : 'probe-1', link)).arrayBuffer();
}

function send(url: string, requestId: string, body: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': requestId },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ORDER_TIMEOUT_MS),
  });
}
