/** A stand-in for a card gateway. It can lose its link to an issuer: then cards of that issuer get no answer at all. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { getLogger } from 'spanlog';
import type { Authorization, IssuerLink } from './contracts.ts';
import { startService } from './service.ts';
import type { Answer } from './service.ts';

const log = getLogger('gateway');

/** Issuers that don't answer. */
const lost = new Set<string>();
const FASTEST_MS = 10;
const SPREAD_MS = 30;
/** Longer than any caller waits. */
const NEVER_MS = 60_000;
const SLOW_MS = 200;

async function authorize(body: unknown, gone: AbortSignal): Promise<Answer> {
  const { pan, issuer } = body as Authorization;
  const answersInMs = lost.has(issuer) ? NEVER_MS : FASTEST_MS + Math.random() * SPREAD_MS;
  const askIssuer = (): Promise<void> => delay(answersInMs, undefined, { signal: gone });
  // Careless: a gateway calls the card number a PAN and logs it.
  await log.timed('issuer_asked', { issuer, pan }, askIssuer, { slowMs: SLOW_MS });
  return { status: 201, body: { authorization_id: randomUUID() } };
}

function setLink(body: unknown): Promise<Answer> {
  const { issuer, up } = body as IssuerLink;
  if (up) {
    lost.delete(issuer);
    log.info('issuer_link_restored', { issuer });
  } else {
    lost.add(issuer);
    log.warn('issuer_link_lost', { issuer, why: 'no_heartbeat' });
  }
  return Promise.resolve({ status: 200, body: { issuer, up } });
}

await startService({ 'POST /authorizations': authorize, 'POST /issuer-links': setLink });
