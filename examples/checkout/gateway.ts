/** A stand-in for a card gateway. It can lose its link to an issuer: then cards of that issuer get no answer at all. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { getLogger } from 'spanlog';
import type { Authorization, IssuerLink } from './contracts.ts';
import { msSince, startService } from './service.ts';
import type { Answer, Call } from './service.ts';

const log = getLogger('gateway');
const linkLog = getLogger('gateway.links');

/** Issuers that don't answer. */
const lost = new Set<string>();
const FASTEST_MS = 10;
const SPREAD_MS = 30;

async function authorize(call: Call): Promise<Answer | undefined> {
  const startedMs = performance.now();
  const { pan, issuer, amount } = call.body as Authorization;
  // Careless: a gateway calls the card number a PAN and logs it.
  log.info('authorization_requested', { issuer, amount, pan });
  if (lost.has(issuer)) {
    await call.closed;
    log.warn('authorization_abandoned', { issuer, why: 'caller_gone', waited_ms: msSince(startedMs) });
    return undefined;
  }
  await delay(FASTEST_MS + Math.random() * SPREAD_MS);
  const authorization_id = randomUUID().slice(0, 8);
  log.info('authorization_approved', { issuer, authorization_id, duration_ms: msSince(startedMs) });
  return { status: 201, body: { authorization_id } };
}

function setLink(call: Call): Promise<Answer> {
  const { issuer, up } = call.body as IssuerLink;
  if (up) {
    lost.delete(issuer);
    linkLog.info('issuer_link_restored', { issuer });
  } else {
    lost.add(issuer);
    linkLog.warn('issuer_link_lost', { issuer, why: 'no_heartbeat' });
  }
  return Promise.resolve({ status: 200, body: { issuer, up } });
}

await startService({ 'POST /authorizations': authorize, 'POST /issuer-links': setLink });
