/** Charges cards through the gateway: a time limit per attempt, a few attempts, then a failure that says why. */
import { setTimeout as delay } from 'node:timers/promises';
import { bindContext, defineTransitions, getLogger } from 'spanlog';
import type { Authorization, Charge, Failure } from './contracts.ts';
import { post, startService } from './service.ts';
import type { Answer } from './service.ts';

const log = getLogger('payment');
const gatewayUrl = process.env.GATEWAY_URL ?? 'http://127.0.0.1:8082';
const headers = { authorization: `Bearer ${process.env.GATEWAY_TOKEN ?? 'none'}` };

const paymentStates = defineTransitions('payment', { pending: ['authorized', 'failed'], authorized: [], failed: [] });
const TIMEOUT_MS = 300;
const ATTEMPTS = 3;
const BACKOFF_MS = 50;

/** Named on the prototype, so that the stack is headed by it. */
class GatewayTimeout extends Error {
  static {
    this.prototype.name = 'GatewayTimeout';
  }
}

async function charge(body: unknown): Promise<Answer> {
  const { order_id, customer_id, amount, currency, card } = body as Charge;
  bindContext({ order_id, customer_id });
  // Careless: a card number in the text of a message, where no rule about field names finds it.
  log.info`charging ${{ amount }} ${{ currency }} to card ${card.number}`;
  try {
    await authorize({ pan: card.number.replaceAll(' ', ''), issuer: card.issuer, amount });
  } catch (error) {
    if (!(error instanceof GatewayTimeout)) throw error;
    log.transition(paymentStates, order_id, 'pending', 'failed', { why: 'gateway_timeout' });
    const failure: Failure = { error: 'payment_failed', reason: 'gateway_timeout' };
    return { status: 504, body: failure };
  }
  log.transition(paymentStates, order_id, 'pending', 'authorized');
  return { status: 201, body: { order_id, status: 'charged' } };
}

/** @throws GatewayTimeout when no attempt was answered in time */
function authorize(authorization: Authorization): Promise<Response> {
  // Careless: headers are logged as they are sent.
  return log.call('gateway', { issuer: authorization.issuer, headers }, async (attempt) => {
    for (;;) {
      try {
        return await askGateway(authorization);
      } catch (error) {
        if (!(error instanceof GatewayTimeout) || attempt.number === ATTEMPTS) throw error;
        attempt.failed(error);
        await delay(BACKOFF_MS * attempt.number);
        attempt.next();
      }
    }
  });
}

async function askGateway(authorization: Authorization): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    log.debug('gateway_asked', { url: gatewayUrl, timeout_ms: TIMEOUT_MS });
    const response = await post(`${gatewayUrl}/authorizations`, authorization, { headers, signal });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
    return response;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'TimeoutError') throw error;
    // Careless: error texts travel into logs, tickets and chats.
    throw new GatewayTimeout(`no answer for card ${authorization.pan} within ${TIMEOUT_MS} ms`, { cause: error });
  }
}

await startService({ 'POST /charges': charge });
