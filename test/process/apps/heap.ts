/** Logs secrets that are made at run time, and prints which of them are still in the heap. One is kept on purpose. */
import { getHeapSnapshot } from 'node:v8';
import { getLogger, pii, register, secret, withContext } from '../../../src/index.ts';
import { otlp } from '../../../src/destinations.ts';
import type { Logger } from '../../../src/index.ts';

register({
  redact: { hashKey: 'sixteen bytes or more' },
  destinations: [
    otlp({ endpoint: 'http://127.0.0.1:9', classes: { pii: 'hash', secret: 'drop' } }),
    otlp({ name: 'masks', endpoint: 'http://127.0.0.1:9' }),
  ],
});
const log = getLogger('app');
const kept: unknown[] = [];

function logSecrets(): Logger {
  const canary = ['canary', 'of', Math.random().toString(36).slice(2, 6)].join('-');
  // In one piece: a text made of parts stands in the snapshot in parts.
  const text = (n: number): string => Buffer.from(`${canary}-${n}`).toString();
  const child = log.child({ bound: secret(text(1)) });
  withContext({ person: pii(text(2)) }, () => {
    child.info('logged', {
      password: text(3),
      all: secret({ a: text(4) }),
      deep: { b: pii(text(5)) },
    });
    log.info(`a text with token=${text(6)}`);
    log.info`template ${{ person: pii(text(7)) }}`;
  });
  kept.push(text(0));
  return child;
}

kept.push(logSecrets());
for (let i = 0; i < 5; i++) {
  log.info('other', { a: 1, b: 'text', c: true });
  globalThis.gc?.();
  await new Promise((resolve) => setImmediate(resolve));
}
let snapshot = '';
for await (const part of getHeapSnapshot()) snapshot += String(part);
console.log([...new Set([...snapshot.matchAll(/canary-of-\w+-(\d)/g)].map(([, number]) => number))].join());
process.exit(kept.length === 2 ? 0 : 1);
