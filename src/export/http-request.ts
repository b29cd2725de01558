import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { gunzip } from 'node:zlib';
import type { HttpFailure, HttpTarget } from './http-target.ts';
import type { HttpAnswer } from './outcome.ts';
import { withoutTracing } from './suppress-tracing.ts';

/** One connection, kept alive between requests: requests of one exporter never overlap. */
export function createAgent(target: HttpTarget): HttpAgent {
  const options = { keepAlive: true, maxSockets: 1 };
  return target.secure ? new HttpsAgent({ ...options, ...target.tls }) : new HttpAgent(options);
}

/**
 * One request, read to the end of its answer. Rejects only when Node refuses to make the request at all.
 *
 * `timeoutMs` spans everything from connecting to the last byte, so that an answer which trickles is cut off as well as
 * one that never comes. Socket and timer are unref'd: waiting for a collector is no reason for a process to live on.
 * Whoever wants it to (a flush) holds a handle of its own.
 *
 * A connection that was kept alive may have been closed by the other side just now. When such a one breaks before any
 * answer, the request is sent once more at once, on a new connection.
 */
export async function postOnce(
  target: HttpTarget,
  agent: HttpAgent,
  body: Buffer,
  signal: AbortSignal,
): Promise<HttpAnswer | HttpFailure> {
  const deadline = performance.now() + target.timeoutMs;
  const first = await exchange(target, agent, body, signal, target.timeoutMs);
  if (!('stale' in first)) return first;
  return await exchange(target, agent, body, signal, Math.max(1, deadline - performance.now()));
}

/** A 102 now and then is a slow server's good right; a stream of them would keep this process busy until the timeout. */
export const MAX_INTERIM_ANSWERS = 100;

interface StaleConnection extends HttpFailure {
  readonly stale: true;
}

function exchange(
  target: HttpTarget,
  agent: HttpAgent,
  body: Buffer,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<HttpAnswer | HttpFailure | StaleConnection> {
  return new Promise((resolve) => {
    let response: IncomingMessage | undefined;
    let settled = false;
    const settle = (result: HttpAnswer | HttpFailure | StaleConnection): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    /** There will be no complete answer. A failure whose status is known is still that failure. */
    const fail = (code: string): void => {
      if (settled) return;
      if (response !== undefined && !isSuccess(response)) settle(answerOf(response, undefined, false));
      else if (response !== undefined) settle({ code: code === 'timeout' || code === 'aborted' ? code : 'incomplete' });
      else if (request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')) settle({ code, stale: true });
      else settle({ code });
      request.destroy();
    };
    const onAbort = (): void => fail('aborted');

    // May throw for what HTTP does not allow; then the promise rejects and nothing else has begun.
    const request = withoutTracing(() => start(target, agent, body.length));
    const timer = setTimeout(() => fail('timeout'), timeoutMs).unref();
    signal.addEventListener('abort', onAbort);
    request.on('socket', (socket) => socket.unref());
    request.on('error', (error) => fail(codeOf(error)));
    // After a 101 nobody asked for, Node closes without an error.
    request.on('close', () => {
      if (response === undefined) fail('ECONNRESET');
    });
    // Node reads on through interim answers (1xx) until the final one, however many there are.
    let interim = 0;
    request.on('information', () => {
      if (++interim > MAX_INTERIM_ANSWERS) fail('interim');
    });
    if (signal.aborted) return fail('aborted');
    request.on('response', (incoming) => {
      response = incoming;
      readBody(incoming, target.maxResponseBytes, fail, (bytes) => {
        settle(answerOf(incoming, bytes, request.writableFinished));
        if (bytes === undefined) request.destroy();
      });
    });
    request.end(body);
  });
}

function start(target: HttpTarget, agent: HttpAgent, bodyBytes: number): ClientRequest {
  const headers = { ...target.headers, 'content-length': String(bodyBytes) };
  return (target.secure ? httpsRequest : httpRequest)({ ...target.options, agent, headers });
}

/** What a piece of an answer is counted as at least: reading costs by the piece too, and a chunk can be one byte. */
const PIECE_BYTES = 1_024;

/** Hands over the whole decompressed body, or `undefined` once it is known to be larger than may be read. */
function readBody(
  response: IncomingMessage,
  maxBytes: number,
  fail: (code: string) => void,
  done: (body: Buffer | undefined) => void,
): void {
  const chunks: Buffer[] = [];
  let cost = 0;
  response.on('data', (chunk: Buffer) => {
    cost += Math.max(chunk.length, PIECE_BYTES);
    if (cost > maxBytes) done(undefined);
    else chunks.push(chunk);
  });
  response.on('error', (error) => fail(codeOf(error)));
  response.on('end', () => {
    if (!response.complete) return fail('incomplete');
    const body = Buffer.concat(chunks);
    if (response.headers['content-encoding'] !== 'gzip' || body.length === 0) return done(body);
    gunzip(body, { maxOutputLength: maxBytes }, (error, plain) => {
      // What can't be decompressed is garbage like any other: the status decides.
      if (error === null) done(plain);
      else done(codeOf(error) === 'ERR_BUFFER_TOO_LARGE' ? undefined : Buffer.alloc(0));
    });
  });
}

function answerOf(response: IncomingMessage, body: Buffer | undefined, requestSent: boolean): HttpAnswer {
  const { headers } = response;
  return {
    status: response.statusCode ?? 0,
    contentType: headers['content-type'],
    retryAfter: headers['retry-after'],
    date: headers.date,
    location: headers.location,
    body,
    requestSent,
  };
}

function isSuccess(response: IncomingMessage): boolean {
  return response.statusCode !== undefined && response.statusCode >= 200 && response.statusCode < 300;
}

/** The code of a Node error; an AggregateError (several addresses tried) carries the one of its first. */
function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? 'ECONNRESET';
}
