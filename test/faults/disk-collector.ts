/**
 * A collector for records that outlive the process which logged them: it knows each by the life it was logged in, its
 * number and its uid, and keeps those that it has acknowledged.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeLogsRequest } from '../support/otlp-proto.ts';
import type { LogRecordMessage } from '../support/otlp-proto.ts';

export interface Arrival {
  /** Life and number, `2:17`. */
  readonly key: string;
  /** `log.record.uid` */
  readonly uid: string;
}

/**
 * `up` acknowledges; `slow` takes the records at once and says so 30 ms later; `away` answers 503; `gone` resets the
 * connection; `deaf` does not answer; `strict` refuses with 400.
 */
export type CollectorState = 'up' | 'slow' | 'away' | 'gone' | 'deaf' | 'strict';

const SLOW_MS = 30;

export class DiskCollector {
  /** What comes next is answered so; undefined holds it until `become`. */
  state: CollectorState | undefined = 'up';
  readonly arrivals: Arrival[] = [];
  /** Event names of what spanlog itself had to say. */
  readonly notices: string[] = [];
  /** Records of each request, whatever its answer. */
  readonly requests: number[] = [];
  endpoint = '';
  #others: CollectorState | undefined;
  #onRequest: () => void = () => undefined;
  #wake: () => void = () => undefined;

  /** From now on, and for requests that were held, until further notice. */
  become(state: CollectorState): void {
    this.state = state;
    this.#others = undefined;
    this.#wake();
  }

  /** The request that is held is answered so, and those behind it otherwise. */
  next(held: CollectorState, others: CollectorState): void {
    this.become(held);
    this.#others = others;
  }

  /** Resolves once so many requests have come in all. */
  requested(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onRequest = () => {
        if (this.requests.length >= count) resolve();
      };
      this.#onRequest();
    });
  }

  /** How often each record was acknowledged. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { key } of this.arrivals) counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = Buffer.concat(await request.toArray());
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const all = decodeLogsRequest(body).resourceLogs.flatMap(({ scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) => logRecords),
    );
    this.requests.push(all.length);
    this.#onRequest();
    if (this.state === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    const { state } = this;
    if (this.#others !== undefined) this.state = this.#others;
    this.#others = undefined;
    if (state === 'deaf') return;
    if (state === 'gone') response.socket?.resetAndDestroy();
    else if (state === 'away') response.writeHead(503).end();
    else if (state === 'strict') response.writeHead(400).end();
    else {
      // Whoever is killed before he reads the answer has delivered all the same.
      for (const record of all) {
        const arrival = arrivalOf(record);
        if (arrival === undefined) this.notices.push(record.eventName ?? '');
        else this.arrivals.push(arrival);
      }
      if (state === 'slow') await delay(SLOW_MS);
      response.writeHead(200).end();
    }
  }
}

export async function startDiskCollector(t: TestContext): Promise<DiskCollector> {
  const collector = new DiskCollector();
  const server = createServer((request, response) => {
    // A client that is killed in the middle of a request is what these tests are about.
    collector.handle(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  collector.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return collector;
}

/** `undefined` for a record that no application of these tests has logged. */
function arrivalOf({ attributes }: LogRecordMessage): Arrival | undefined {
  const values = new Map(attributes.map(({ key, value }) => [key, value]));
  const life = values.get('life')?.intValue;
  if (life === undefined) return undefined;
  return { key: `${life}:${values.get('i')?.intValue}`, uid: values.get('log.record.uid')?.stringValue ?? '' };
}
