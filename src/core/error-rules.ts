import { cutText } from './detached-text.ts';
import type { LogRecord } from './record.ts';

/** An error that the application has declared: it is told of without its stack, and no louder than `severity`. */
export interface ExpectedError {
  /** A class, the name of one, or a `code`. */
  readonly match: string | ErrorClass;
  readonly severity: number;
}

/** Any class of errors, abstract ones included. */
export type ErrorClass = abstract new (...args: never[]) => unknown;

/** The record that carried an error's stack. */
export interface FirstRecord {
  readonly event: string;
  /** RFC 3339, in nanoseconds. */
  readonly time: string;
  /** Its `log.record.uid`, where records have one. */
  readonly uid: string | undefined;
}

interface Remembered extends FirstRecord {
  readonly severity: number;
  /** On the monotonic clock. */
  readonly atMs: number;
}

/** Of an event that is a sentence: enough to find it by. */
const MAX_EVENT_LENGTH = 128;

/** Longer ago, the first record may not be at hand any more; and a constant that is thrown time and again is no repeat. */
const MEMORY_MS = 60_000;

/** What the pipeline knows of errors beyond the record at hand. */
export class ErrorRules {
  readonly expected: readonly ExpectedError[];
  /** By the error itself, so that nothing is kept longer than the application keeps the error. */
  readonly #seen = new WeakMap<object, Remembered>();

  constructor(expected: readonly ExpectedError[]) {
    this.expected = expected;
  }

  /**
   * The record of the last minute that carried this error's stack, unless this one is more severe: a destination that
   * takes only what is severe has not seen the first.
   */
  firstOf(error: object, severity: number): FirstRecord | undefined {
    const first = this.#seen.get(error);
    if (first === undefined || first.severity < severity) return undefined;
    return performance.now() - first.atMs <= MEMORY_MS ? first : undefined;
  }

  /** Remembers the record that carries the stack of `error`; it has its time by now. */
  remember(error: object, record: LogRecord, uid: string | undefined): void {
    const { seconds, nanos } = record.observed;
    const time = `${new Date(seconds * 1_000).toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`;
    const event = record.eventName !== '' ? record.eventName : typeof record.body === 'string' ? record.body : '';
    this.#seen.set(error, { event: shortened(event), time, uid, severity: record.severity, atMs: performance.now() });
  }
}

function shortened(event: string): string {
  return event.length > MAX_EVENT_LENGTH ? `${cutText(event, MAX_EVENT_LENGTH)}…` : event;
}
