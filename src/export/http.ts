import type { Agent } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Batch } from '../core/batch.ts';
import type { Outcome, Transport } from '../core/transport.ts';
import type { Envelope } from '../encode/otlp-request.ts';
import { createAgent, postOnce } from './http-request.ts';
import { createHttpTarget, createJudge } from './http-target.ts';
import type { HttpFailure, HttpTarget, HttpTargetOptions } from './http-target.ts';
import type { HttpAnswer } from './outcome.ts';
import { postAllSync } from './sync-send.ts';
import type { SyncBody } from './sync-send.ts';

export interface HttpTransportOptions extends HttpTargetOptions {
  readonly envelope: Envelope;
  /** Uncompressed bytes of one request; larger ones are not sent (OTLP specification: 64 MiB). */
  readonly maxRequestBytes?: number;
  /** Age at which a connection is replaced, so that a changed DNS answer or a new replica is found. Default: 5 min. */
  readonly connectionMaxAgeMs?: number;
}

const MAX_REQUEST_BYTES = 64 * 1024 * 1024;
const CONNECTION_MAX_AGE_MS = 5 * 60_000;
/** Memory that is kept between requests; a body larger than this is rare. */
const MAX_KEPT_BYTES = 2 * 1024 * 1024;
const NO_MEMORY: Buffer = Buffer.alloc(0);

const compress = promisify(gzip);

/**
 * OTLP over HTTP (OTLP specification, "OTLP/HTTP"), on Node's own client. Opens its connection with the first request.
 *
 * @throws TypeError when the URL can't be parsed
 */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  return new HttpTransport(options);
}

class HttpTransport implements Transport {
  readonly #target: HttpTarget;
  readonly #envelope: Envelope;
  readonly #judge: (result: HttpAnswer | HttpFailure) => Outcome;
  readonly #maxRequestBytes: number;
  readonly #connectionMaxAgeMs: number;
  #agent: Agent | undefined;
  #agentSince = 0;
  /** Of the last body, for the next: allocating 500 KB per request cost as much CPU as sending it. */
  #memory: Buffer = NO_MEMORY;

  constructor(options: HttpTransportOptions) {
    this.#target = createHttpTarget(options, options.envelope.contentType);
    this.#envelope = options.envelope;
    this.#judge = createJudge(options.url, options.timeoutMs);
    this.#maxRequestBytes = options.maxRequestBytes ?? MAX_REQUEST_BYTES;
    this.#connectionMaxAgeMs = options.connectionMaxAgeMs ?? CONNECTION_MAX_AGE_MS;
  }

  async send(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    try {
      const body = this.#envelope.assemble(batch, this.#memory);
      // Taken until it is certain that nothing reads it any more.
      this.#memory = NO_MEMORY;
      if (body.length > this.#maxRequestBytes) return this.#tooLarge(body.length);
      const target = this.#targetOf(batch);
      const sent = target.gzip === undefined ? body : await compress(body, target.gzip);
      const result = await postOnce(target, this.#freshAgent(), sent, signal);
      if ('requestSent' in result && result.requestSent) this.#keep(body);
      return this.#judge(result);
    } catch (error) {
      return notSendable(error);
    }
  }

  sendSync(batches: readonly Batch[], timeoutMs: number): readonly Outcome[] {
    const bodies = batches.map((batch) => this.#bodyOf(batch));
    const sent = bodies.filter((body) => 'bytes' in body);
    const results = postAllSync(this.#target, sent, timeoutMs)[Symbol.iterator]();
    return bodies.map((body) => {
      if (!('bytes' in body)) return body;
      const { value } = results.next();
      return this.#judge(value ?? { code: 'timeout' });
    });
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
    this.#memory = NO_MEMORY;
  }

  /** No request is under way when this is asked, so an agent that is too old holds only idle connections. */
  #freshAgent(): Agent {
    const now = performance.now();
    if (this.#agent === undefined || now - this.#agentSince > this.#connectionMaxAgeMs) {
      this.#agent?.destroy();
      this.#agent = createAgent(this.#target);
      this.#agentSince = now;
    }
    return this.#agent;
  }

  /** What a process that died left behind may be of the other format. */
  #targetOf({ origin }: Batch): HttpTarget {
    const target = this.#target;
    if (origin === undefined || origin.contentType === this.#envelope.contentType) return target;
    return { ...target, headers: { ...target.headers, 'content-type': origin.contentType } };
  }

  /** A body in memory of its own, or why there is none. */
  #bodyOf(batch: Batch): SyncBody | Outcome {
    try {
      const bytes = this.#envelope.assemble(batch);
      if (bytes.length > this.#maxRequestBytes) return this.#tooLarge(bytes.length);
      return { contentType: batch.origin?.contentType ?? this.#envelope.contentType, bytes };
    } catch (error) {
      return notSendable(error);
    }
  }

  #keep(body: Buffer): void {
    if (body.buffer.byteLength <= MAX_KEPT_BYTES) this.#memory = Buffer.from(body.buffer);
  }

  #tooLarge(bytes: number): Outcome {
    return { kind: 'too_large', message: `a request of ${bytes} bytes is larger than ${this.#maxRequestBytes}` };
  }
}

/** There is no such request: HTTP does not allow its header or path, or a spool named a format that nobody knows. */
function notSendable(error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'refused', reason: 'not_sendable', message };
}
