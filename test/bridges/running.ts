/** spanlog in this very process, delivering over HTTP, with tracing beside it. */
import assert from 'node:assert/strict';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { otlp } from '../../src/destinations.ts';
import { register } from '../../src/index.ts';
import type { Logging } from '../../src/index.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { arrivedAt } from './run-bridge.ts';
import type { ArrivedRecord } from './run-bridge.ts';

export interface Running {
  readonly logging: Logging;
  /** Flushes, and gives the records that arrived since the last call. Asserts that all that was emitted was delivered. */
  arrivals(): Promise<readonly ArrivedRecord[]>;
  /** The bytes of all requests, to search for what must not be there. */
  wire(): string;
  close(): Promise<void>;
}

export async function startRunning(): Promise<Running> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider());
  const server = await startScriptedServer();
  const logging = register({
    level: 'trace',
    destinations: [otlp({ endpoint: `http://127.0.0.1:${server.port}/v1/logs` })],
  });
  let seen = 0;
  return {
    logging,
    async arrivals() {
      await logging.flush();
      const ledger = logging.ledger();
      assert.equal(ledger.balanced, true);
      assert.equal(ledger.delivered, ledger.emitted);
      const all = arrivedAt(server);
      assert.equal(all.length, ledger.delivered);
      const fresh = all.slice(seen);
      seen = all.length;
      // What spanlog says of itself, such as that a level was changed, is no business of a bridge.
      return fresh.filter(({ scope }) => scope !== 'spanlog');
    },
    wire: () => server.requests.map(({ body }) => body.toString('latin1')).join(''),
    async close() {
      await logging.shutdown();
      await server.close();
    },
  };
}
