import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeLogsRequest } from './otlp-decode.ts';
import { decodeLogsRequestJson } from './otlp-json.ts';
import { OtlpDecodeError, type LogsRequest } from './otlp-model.ts';
import { CONTENT_TYPES, RPC_CODE, statusBody, successBody, wireFormatOf, type WireFormat } from './otlp-response.ts';
import { discardBody, readBody } from './request-body.ts';
import type { LogStore } from './store.ts';

export interface ReceiverCounts {
  /** Requests to /v1/logs that were stored, and the records in them. */
  logRequests: number;
  logRecords: number;
  /** Requests to /v1/logs that were answered with an error. */
  refusedRequests: number;
  /** Accepted and let go. */
  traceRequests: number;
  metricRequests: number;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers the requests of OTLP/HTTP. Every decision is in an Answer; only `handle` touches the response. */
export class OtlpHandler {
  readonly counts: ReceiverCounts = {
    logRequests: 0,
    logRecords: 0,
    refusedRequests: 0,
    traceRequests: 0,
    metricRequests: 0,
  };
  readonly #store: LogStore;
  readonly #maxRequestBytes: number;

  constructor(store: LogStore, maxRequestBytes: number) {
    this.#store = store;
    this.#maxRequestBytes = maxRequestBytes;
  }

  /** Never rejects. Node discards by itself what is left of a request that was answered without reading it. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A connection that breaks while it is answered has nobody left to tell.
    response.on('error', () => response.destroy());
    const answer = await this.#answerTo(request);
    if (answer === undefined) {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, {
      ...answer.headers,
      'content-type': answer.contentType,
      'content-length': answer.body.length,
    });
    response.end(answer.body);
  }

  /** Undefined when the client left in the middle. */
  async #answerTo(request: IncomingMessage): Promise<Answer | undefined> {
    const path = request.url?.split('?', 1)[0];
    if (path !== '/v1/logs' && path !== '/v1/traces' && path !== '/v1/metrics') {
      return plainText(404, 'not found: this receiver has /v1/logs, /v1/traces and /v1/metrics');
    }
    if (request.method !== 'POST') return plainText(405, 'method not allowed: OTLP uses POST', { allow: 'POST' });
    if (path === '/v1/logs') {
      const answer = await this.#takeLogs(request);
      if (answer !== undefined && answer.status !== 200) this.counts.refusedRequests++;
      return answer;
    }
    if (!(await discardBody(request))) return undefined;
    if (path === '/v1/traces') this.counts.traceRequests++;
    else this.counts.metricRequests++;
    return success(wireFormatOf(request.headers['content-type']) ?? 'protobuf');
  }

  async #takeLogs(request: IncomingMessage): Promise<Answer | undefined> {
    const format = wireFormatOf(request.headers['content-type']);
    if (format === undefined) {
      return plainText(415, `unsupported media type: send ${CONTENT_TYPES.protobuf} or ${CONTENT_TYPES.json}`);
    }
    const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
    if (encoding !== 'gzip' && encoding !== 'identity') {
      return plainText(415, 'unsupported content encoding: send gzip or identity', { 'accept-encoding': 'gzip' });
    }
    const body = await readBody(request, encoding === 'gzip', this.#maxRequestBytes);
    switch (body.outcome) {
      case 'complete':
        return this.#takeRequest(format, body.bytes);
      case 'malformed':
        return failure(400, format, RPC_CODE.invalidArgument, body.reason);
      case 'tooLarge':
        return failure(
          413,
          format,
          RPC_CODE.resourceExhausted,
          `the request is larger than ${this.#maxRequestBytes} bytes`,
        );
      case 'aborted':
        return undefined;
    }
  }

  #takeRequest(format: WireFormat, bytes: Buffer): Answer {
    let request: LogsRequest;
    try {
      request = format === 'json' ? decodeLogsRequestJson(bytes) : decodeLogsRequest(bytes);
    } catch (error) {
      // Anything but a decode error is a fault of ours, which a retry would only repeat: the same answer.
      const reason = error instanceof OtlpDecodeError ? error.message : `not readable: ${String(error)}`;
      return failure(400, format, RPC_CODE.invalidArgument, reason);
    }
    try {
      this.counts.logRecords += this.#store.insert(request);
    } catch (error) {
      // A full disk or a locked file may pass; nothing of the request was kept, so a retry makes no duplicate.
      return failure(503, format, RPC_CODE.unavailable, `the store can't write: ${String(error)}`);
    }
    this.counts.logRequests++;
    return success(format);
  }
}

function success(format: WireFormat): Answer {
  return { status: 200, contentType: CONTENT_TYPES[format], body: successBody(format) };
}

function failure(status: number, format: WireFormat, code: number, message: string): Answer {
  return { status, contentType: CONTENT_TYPES[format], body: statusBody(format, code, message) };
}

function plainText(status: number, message: string, headers?: Answer['headers']): Answer {
  return { status, contentType: 'text/plain', body: Buffer.from(message), ...(headers && { headers }) };
}
