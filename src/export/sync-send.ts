/**
 * HTTP requests in the caller's tick, for the end of a process, when the event loop no longer turns.
 *
 * A thread of its own makes the requests while this one sleeps on `Atomics.wait`; each result comes through a message
 * port that can be read without a loop. The thread's code is a text, not a file, so that no bundler can lose it, and it
 * gets neither our flags nor NODE_OPTIONS: `--import spanlog/register` must not start a second spanlog in there.
 */
import { maxHeaderSize } from 'node:http';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { HttpFailure, HttpTarget } from './http-target.ts';
import { MAX_INTERIM_ANSWERS } from './http-request.ts';
import type { HttpAnswer } from './outcome.ts';

/** What one request carries. */
export interface SyncBody {
  /** Stands in for the target's. */
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** What the thread reports for one body; the body as it came over the port. */
type Report = { readonly index: number } & ({ readonly failure: HttpFailure } | { readonly answer: WireAnswer });

type WireAnswer = Omit<HttpAnswer, 'body' | 'requestSent'> & { readonly body: Uint8Array | undefined };

const TIMED_OUT: HttpFailure = Object.freeze({ code: 'timeout' });

/**
 * Posts the bodies one after the other, one attempt each, until `timeoutMs` have passed. Returns one result per body,
 * in order. Never throws. The memory of the bodies moves to the thread: they are empty afterwards.
 */
export function postAllSync(
  target: HttpTarget,
  bodies: readonly SyncBody[],
  timeoutMs: number,
): (HttpAnswer | HttpFailure)[] {
  const results = new Array<HttpAnswer | HttpFailure>(bodies.length).fill(TIMED_OUT);
  if (bodies.length === 0 || timeoutMs <= 0) return results;
  const deadline = performance.now() + timeoutMs;
  const finished = new Int32Array(new SharedArrayBuffer(4));
  const { port1: inbox, port2: outbox } = new MessageChannel();
  try {
    const worker = startWorker({
      target,
      bodies,
      timeoutMs,
      maxInterimAnswers: MAX_INTERIM_ANSWERS,
      // The thread does not get the flag that may have set another.
      maxHeaderSize,
      finished,
      outbox,
    });
    for (let seen = 0; seen < bodies.length; seen = Atomics.load(finished, 0)) {
      const left = deadline - performance.now();
      if (left <= 0 || Atomics.wait(finished, 0, seen, left) === 'timed-out') break;
    }
    let message = receiveMessageOnPort(inbox) as { message: Report } | undefined;
    for (; message !== undefined; message = receiveMessageOnPort(inbox) as { message: Report } | undefined) {
      const report = message.message;
      results[report.index] = 'failure' in report ? report.failure : withBuffer(report.answer);
    }
    void worker.terminate();
  } catch (error) {
    // No thread to be had: forbidden by the permission model, or out of memory. Then nothing was sent.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'ERR_WORKER_INIT_FAILED';
    results.fill({ code });
  } finally {
    inbox.close();
  }
  return results;
}

interface WorkerInput {
  readonly target: HttpTarget;
  readonly bodies: readonly SyncBody[];
  readonly timeoutMs: number;
  readonly maxInterimAnswers: number;
  /** Bytes. */
  readonly maxHeaderSize: number;
  readonly finished: Int32Array;
  readonly outbox: MessagePort;
}

function startWorker(input: WorkerInput): Worker {
  const env = { ...process.env };
  delete env.NODE_OPTIONS;
  const wholes = input.bodies.filter(({ bytes }) => bytes.buffer.byteLength === bytes.length);
  const worker = new Worker(WORKER_CODE, {
    eval: true,
    execArgv: [],
    env,
    workerData: input,
    transferList: [input.outbox, ...wholes.map(({ bytes }) => bytes.buffer as ArrayBuffer)],
  });
  worker.unref();
  // Heard only when the process lives on (a signal's handler): the missing results already say that it failed.
  worker.on('error', () => undefined);
  return worker;
}

function withBuffer(answer: WireAnswer): HttpAnswer {
  const { body } = answer;
  return { ...answer, requestSent: true, body: body && Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
}

/** Plain JavaScript for any Node this package runs on. It has no imports of ours and reports whatever happens. */
const WORKER_CODE = `'use strict';
const { workerData } = require('node:worker_threads');
const { gunzipSync, gzipSync } = require('node:zlib');
const { target, bodies, timeoutMs, maxInterimAnswers, maxHeaderSize, finished, outbox } = workerData;
const { Agent, request } = require(target.secure ? 'node:https' : 'node:http');
const agent = new Agent({ keepAlive: true, maxSockets: 1, ...target.tls });
const deadline = performance.now() + timeoutMs;

function post({ contentType, bytes: body }, done) {
  let response;
  let settled = false;
  const settle = (result) => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    done(result);
  };
  const answer = (bytes) => {
    const { statusCode, headers } = response;
    settle({
      answer: {
        status: statusCode,
        contentType: headers['content-type'],
        retryAfter: headers['retry-after'],
        location: headers.location,
        body: bytes,
      },
    });
  };
  const fail = (code) => {
    if (response !== undefined && (response.statusCode < 200 || response.statusCode > 299)) answer(undefined);
    else settle({ failure: { code: response === undefined || code === 'timeout' ? code : 'incomplete' } });
    outgoing.destroy();
  };
  const sent = target.gzip ? gzipSync(body, target.gzip) : body;
  const headers = { ...target.headers, 'content-type': contentType, 'content-length': String(sent.length) };
  const outgoing = request({ ...target.options, agent, headers, maxHeaderSize }, (incoming) => {
    response = incoming;
    const chunks = [];
    let length = 0;
    let cost = 0;
    incoming.on('data', (chunk) => {
      length += chunk.length;
      // Reading costs by the piece too, and a chunk can be one byte.
      cost += Math.max(chunk.length, 1024);
      if (cost <= target.maxResponseBytes) return chunks.push(chunk);
      answer(undefined);
      outgoing.destroy();
    });
    incoming.on('error', (error) => fail(error.code || 'ECONNRESET'));
    incoming.on('end', () => {
      if (!incoming.complete) return fail('incomplete');
      const bytes = Buffer.concat(chunks);
      if (incoming.headers['content-encoding'] !== 'gzip' || length === 0) return answer(bytes);
      try {
        answer(gunzipSync(bytes, { maxOutputLength: target.maxResponseBytes }));
      } catch (error) {
        answer(error.code === 'ERR_BUFFER_TOO_LARGE' ? undefined : Buffer.alloc(0));
      }
    });
  });
  let interim = 0;
  outgoing.on('information', () => {
    if (++interim > maxInterimAnswers) fail('interim');
  });
  outgoing.on('error', (error) => fail(error.code || 'ECONNRESET'));
  outgoing.on('close', () => response === undefined && fail('ECONNRESET'));
  const timer = setTimeout(() => fail('timeout'), Math.min(target.timeoutMs, deadline - performance.now()));
  outgoing.end(sent);
}

function next(index) {
  if (index === bodies.length) return agent.destroy();
  const report = (result) => {
    outbox.postMessage({ index, ...result });
    Atomics.add(finished, 0, 1);
    Atomics.notify(finished, 0);
    next(index + 1);
  };
  try {
    post(bodies[index], report);
  } catch (error) {
    report({ failure: { code: error.code || 'ERR_INTERNAL_ASSERTION' } });
  }
}
next(0);
`;
