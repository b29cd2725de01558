/** Charges cards through the gateway: a time limit per attempt, a few attempts, then a failure that says why. */
import { setTimeout as delay } from 'node:timers/promises';
import { bindContext, getLogger } from 'spanlog';
import type { Authorization, Charge, Failure } from './contracts.ts';
import { msSince, post, startService, traceId } from './service.ts';
import type { Answer, Call } from './service.ts';

const log = getLogger('payment');
const gatewayLog = getLogger('payment.gateway');
const gatewayUrl = process.env.GATEWAY_URL ?? 'http://127.0.0.1:8082';
const gatewayToken = process.env.GATEWAY_TOKEN ?? 'none';

const TIMEOUT_MS = 300;
const ATTEMPTS = 3;
const BACKOFF_MS = 50;

/** Named on the prototype, so that the stack is headed by it. */
class GatewayTimeout extends Error {
  static {
    this.prototype.name = 'GatewayTimeout';
  }
}
class PaymentFailed extends Error {
  static {
    this.prototype.name = 'PaymentFailed';
  }
}

async function charge(call: Call): Promise<Answer> {
  const startedMs = performance.now();
  const { order_id, customer_id, amount, card } = call.body as Charge;
  bindContext({ order_id, customer_id });
  // Careless: a card number in the text of a message, where no rule about field names finds it.
  log.info(`charging card ${card.number} for ${order_id}`);

  let timeout: GatewayTimeout | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const attemptMs = performance.now();
    try {
      await authorize(call, { pan: card.number.replaceAll(' ', ''), issuer: card.issuer, amount }, attempt);
      log.info('payment_authorized', { attempt, duration_ms: msSince(startedMs) });
      return { status: 201, body: { order_id, status: 'charged' } };
    } catch (error) {
      if (!(error instanceof GatewayTimeout)) throw error;
      timeout = error;
      const next = attempt < ATTEMPTS ? 'retry' : 'give_up';
      gatewayLog.warn('gateway_timeout', { attempt, of: ATTEMPTS, duration_ms: msSince(attemptMs), next });
      if (attempt < ATTEMPTS) await delay(BACKOFF_MS * attempt);
    }
  }

  const failed = new PaymentFailed(`no authorization after ${ATTEMPTS} attempts`, { cause: timeout });
  log.error(
    'payment_failed',
    { why: 'gateway_timeout', issuer: card.issuer, amount, attempts: ATTEMPTS, duration_ms: msSince(startedMs) },
    failed,
  );
  const failure: Failure = { error: 'payment_failed', reason: 'gateway_timeout', trace_id: traceId() };
  return { status: 504, body: failure };
}

/** @throws GatewayTimeout when no answer came in time */
async function authorize(call: Call, authorization: Authorization, attempt: number): Promise<void> {
  const headers = { authorization: `Bearer ${gatewayToken}` };
  // Careless: headers are logged as they are sent.
  gatewayLog.info('gateway_called', { attempt, issuer: authorization.issuer, headers });
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await post(`${gatewayUrl}/authorizations`, call, authorization, { headers, signal });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'TimeoutError') throw error;
    // Careless: error texts travel into logs, tickets and chats.
    throw new GatewayTimeout(`no answer for card ${authorization.pan} within ${TIMEOUT_MS} ms`, { cause: error });
  }
}

await startService({ 'POST /charges': charge });
