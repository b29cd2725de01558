/**
 * What stands behind the Collector and counts. The Collector forwards each request as it is and answers only once this
 * has answered, with neither a queue nor retries of its own; so what it acknowledged has been counted here, whatever
 * kills it right afterwards, and what arrives twice was sent to it twice.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeLogsRequest } from '../../test/support/otlp-proto.ts';
import { NUMBER_KEY } from './task.ts';

/** What arrived, by the records' numbers. */
export interface Arrived {
  /** Records, duplicates included. */
  readonly total: number;
  /** As they came, encoded. */
  readonly bytes: number;
  /** Different numbers. */
  readonly distinct: number;
  /** Requests with records that had come before. */
  readonly repeatedRequests: number;
  /** Records in those that had come before. */
  readonly repeatedRecords: number;
  /** Records without a number: spanlog's own. */
  readonly unnumbered: number;
  /** The highest number, -1 for none. */
  readonly highest: number;
  /** Requests that could not be read. */
  readonly unreadable: number;
}

export class Sink {
  readonly #server = createServer((request, response) => {
    request
      .toArray()
      .then((chunks: Buffer[]) => this.#take(Buffer.concat(chunks)))
      // Cut off by a killed Collector: it was not acknowledged, so it will come again.
      .catch(() => undefined)
      .finally(() => response.end());
  });
  #seen = new Uint8Array(1 << 16);
  #total = 0;
  #bytes = 0;
  #distinct = 0;
  #repeatedRequests = 0;
  #repeatedRecords = 0;
  #unnumbered = 0;
  #highest = -1;
  #unreadable = 0;

  static async start(): Promise<Sink> {
    const sink = new Sink();
    sink.#server.listen(0, '127.0.0.1');
    await once(sink.#server, 'listening');
    return sink;
  }

  /** YAML to be merged into the Collector's configuration: straight to here, and nowhere else. */
  get collectorYaml(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `
exporters:
  otlp_http/sink:
    endpoint: http://127.0.0.1:${port}
    compression: none
    sending_queue: { enabled: false }
    retry_on_failure: { enabled: false }
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlp_http/sink] } } }
`;
  }

  get arrived(): Arrived {
    return {
      total: this.#total,
      bytes: this.#bytes,
      distinct: this.#distinct,
      repeatedRequests: this.#repeatedRequests,
      repeatedRecords: this.#repeatedRecords,
      unnumbered: this.#unnumbered,
      highest: this.#highest,
      unreadable: this.#unreadable,
    };
  }

  /** Up to `limit` of the numbers below `count` that have not come. */
  missing(count: number, limit: number): number[] {
    const numbers: number[] = [];
    for (let n = 0; n < count && numbers.length < limit; n++) if (this.#seen[n] !== 1) numbers.push(n);
    return numbers;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #take(body: Buffer): void {
    const before = this.#repeatedRecords;
    this.#bytes += body.length;
    for (const number of this.#numbersIn(body)) {
      this.#total++;
      if (number === undefined) this.#unnumbered++;
      else this.#count(number);
    }
    if (this.#repeatedRecords > before) this.#repeatedRequests++;
  }

  #count(number: number): void {
    this.#highest = Math.max(this.#highest, number);
    if (number >= this.#seen.length) {
      const larger = new Uint8Array(2 * Math.max(number, this.#seen.length));
      larger.set(this.#seen);
      this.#seen = larger;
    }
    if (this.#seen[number] === 1) this.#repeatedRecords++;
    else {
      this.#seen[number] = 1;
      this.#distinct++;
    }
  }

  #numbersIn(body: Buffer): (number | undefined)[] {
    try {
      return decodeLogsRequest(body).resourceLogs.flatMap(({ scopeLogs }) =>
        scopeLogs.flatMap(({ logRecords }) =>
          logRecords.map(({ attributes }) => {
            const value = attributes.find(({ key }) => key === NUMBER_KEY)?.value?.intValue;
            return value === undefined ? undefined : Number(value);
          }),
        ),
      );
    } catch {
      // Counted, and judged at the end: nothing of it has been acknowledged in vain unnoticed.
      this.#unreadable++;
      return [];
    }
  }
}
