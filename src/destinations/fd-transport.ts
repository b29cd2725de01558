import { write, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Batch } from '../core/batch.ts';
import type { Outcome, Transport } from '../core/transport.ts';
import { DELIVERED } from '../core/transport.ts';
import { openForWriting } from './open-for-writing.ts';
import type { Descriptor } from './open-for-writing.ts';

/**
 * Writes batches to a file descriptor of the process, without ever waiting for whoever reads it.
 *
 * Pipes and terminals are written without blocking: what does not fit now is tried again a little later, and the queue
 * behind this transport is what is bounded. A batch that was cut off in the middle goes on where it stopped. Delivered
 * means handed to the operating system.
 */
export function createFdTransport(fd: 1 | 2): Transport {
  return new FdTransport(fd);
}

/** Pauses while the other side is not reading: the first, and the longest. */
const FIRST_PAUSE_MS = 1;
const MAX_PAUSE_MS = 50;
/** The same at the end of the process, where nothing else is waiting for the processor. */
const MAX_SLEEP_MS = 10;
const NEWLINE = Buffer.from('\n');
const NEWLINE_BYTE = 0x0a;

class FdTransport implements Transport {
  readonly isLocal = true;
  readonly #fd: 1 | 2;
  #descriptor: Descriptor | undefined;
  #closed = false;
  /** The batch begun last, and how much of it is out. */
  #batch: Batch | undefined;
  #written = 0;
  /** The batch before was given up in the middle of a line. */
  #lineIsTorn = false;
  /** The rest of the batch is with the thread pool. Resolves, and never rejects. */
  #inFlight: Promise<void> | undefined;
  #failure: unknown;

  constructor(fd: 1 | 2) {
    this.#fd = fd;
  }

  async send(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    try {
      const descriptor = this.#open();
      let pauseMs = FIRST_PAUSE_MS;
      while (!signal.aborted) {
        if (this.#inFlight === undefined) {
          this.#begin(batch);
          const before = this.#written;
          if (descriptor.blocks) this.#writeLater(descriptor.fd, batch);
          else this.#writeNow(descriptor.fd, batch);
          if (this.#isOut(batch)) return DELIVERED;
          if (this.#written > before) pauseMs = FIRST_PAUSE_MS;
        }
        if (this.#inFlight === undefined) {
          // Does not keep the process alive: whoever waits for a flush does. Rejects when it is aborted.
          await wait(pauseMs, undefined, { ref: false, signal });
          pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
        } else {
          await Promise.race([this.#inFlight, aborted(signal)]);
          this.#throwFailure();
          if (this.#isOut(batch)) return DELIVERED;
        }
      }
      return this.#unfinished();
    } catch (error) {
      return signal.aborted ? this.#unfinished() : this.#failed(error);
    }
  }

  sendSync(batches: readonly Batch[], timeoutMs: number): readonly Outcome[] {
    const deadline = performance.now() + timeoutMs;
    this.#settleInFlight();
    return batches.map((batch) => this.#sendNow(batch, deadline));
  }

  close(): void {
    this.#closed = true;
    this.#descriptor?.close();
  }

  #sendNow(batch: Batch, deadline: number): Outcome {
    try {
      const { fd } = this.#open();
      this.#begin(batch);
      for (let sleepMs = FIRST_PAUSE_MS; ; sleepMs = Math.min(sleepMs * 2, MAX_SLEEP_MS)) {
        this.#writeNow(fd, batch);
        if (this.#isOut(batch)) return DELIVERED;
        const leftMs = deadline - performance.now();
        if (leftMs <= 0) return this.#unfinished();
        sleep(Math.min(sleepMs, leftMs));
      }
    } catch (error) {
      return this.#failed(error);
    }
  }

  #open(): Descriptor {
    if (this.#closed) throw new Error('it is closed');
    return (this.#descriptor ??= openForWriting(this.#fd));
  }

  /** Starts a batch, unless it is the one that was cut off: that goes on. */
  #begin(batch: Batch): void {
    const before = this.#batch;
    if (before === batch) return;
    if (before !== undefined && this.#written > 0 && this.#written < before.length) {
      this.#lineIsTorn = before.bytes[this.#written - 1] !== NEWLINE_BYTE;
    }
    this.#batch = batch;
    this.#written = 0;
  }

  #isOut(batch: Batch): boolean {
    return this.#batch === batch && this.#written >= batch.length;
  }

  /** Writes what fits now. Blocks only on a descriptor that does. */
  #writeNow(fd: number, batch: Batch): void {
    try {
      if (this.#lineIsTorn) {
        writeSync(fd, NEWLINE);
        this.#lineIsTorn = false;
      }
      this.#written += writeSync(fd, batch.bytes, this.#written, batch.length - this.#written);
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
    }
  }

  /** Hands the rest to the thread pool, for descriptors that may block. */
  #writeLater(fd: number, batch: Batch): void {
    const torn = this.#lineIsTorn;
    this.#lineIsTorn = false;
    const rest = batch.bytes.subarray(this.#written, batch.length);
    const bytes = torn ? Buffer.concat([NEWLINE, rest]) : rest;
    const flight = new Promise<void>((resolve) => {
      write(fd, bytes, 0, bytes.length, null, (error, count) => {
        if (this.#inFlight === flight) {
          this.#inFlight = undefined;
          if (error !== null && error.code !== 'EAGAIN') this.#failure = error;
          else if (error === null) this.#written += Math.max(0, count - (torn ? 1 : 0));
        }
        resolve();
      });
    });
    this.#inFlight = flight;
  }

  /**
   * At the end of the process there is no waiting for the thread pool's answer. What was handed to it is taken as
   * written: Node finishes such writes before it ends, and a second copy would be worse.
   */
  #settleInFlight(): void {
    if (this.#inFlight === undefined) return;
    this.#inFlight = undefined;
    this.#written = this.#batch?.length ?? 0;
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure as Error;
  }

  #unfinished(): Outcome {
    return {
      kind: 'retry',
      reason: 'not_read',
      retryAfterMs: undefined,
      message: `${this.#name} is not being read.`,
    };
  }

  /** A full disk may have room again; a reader that has gone does not come back. */
  #failed(error: unknown): Outcome {
    const code = codeOf(error);
    const message = error instanceof Error ? error.message : String(error);
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      return {
        kind: 'retry',
        reason: code.toLowerCase(),
        retryAfterMs: undefined,
        message: `${this.#name}: ${message}.`,
      };
    }
    if (code === 'EPIPE') return { kind: 'refused', reason: 'epipe', message: `the reader of ${this.#name} has gone.` };
    return {
      kind: 'refused',
      reason: code === '' ? 'closed' : code.toLowerCase(),
      message: `${this.#name}: ${message}.`,
    };
  }

  get #name(): string {
    return this.#fd === 1 ? 'stdout' : 'stderr';
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
