import { createServer } from 'node:net';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { startReceiver } from '../../src/dev/receiver.ts';
import { openStore } from '../../src/dev/store.ts';
import type { LogStore, StoredRecord } from '../../src/dev/store.ts';

/** A collector for one test: the development receiver, real HTTP and all. */
export interface Receiving {
  readonly url: string;
  readonly store: LogStore;
  /** Variables that point a process to it. */
  readonly env: { readonly OTEL_EXPORTER_OTLP_ENDPOINT: string };
  /** Records in the order of their arrival. */
  records(): StoredRecord[];
  /** Event names, or bodies where there is none, in the order of their arrival. */
  events(): string[];
}

export async function startReceiving(t: TestContext): Promise<Receiving> {
  const store = openStore();
  const receiver = await startReceiver({ store, port: 0 });
  t.after(async () => {
    await receiver.close();
    store.close();
  });
  const records = (): StoredRecord[] => store.recent({ limit: 1_000_000 }).reverse();
  return {
    url: receiver.url,
    store,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    records,
    events: () => records().map(({ eventName, body }) => eventName ?? body),
  };
}

/** An address where nobody listens: a port that was free a moment ago. */
export async function unusedUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}
