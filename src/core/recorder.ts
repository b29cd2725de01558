import type { SpanContext } from '@opentelemetry/api';
import type { LogRecord } from './record.ts';

/** What a flight recorder has of one scope. Only the recorder looks inside. */
export interface Recording {
  /** When the scope was entered, on the monotonic clock. */
  readonly startedMs: number;
}

/**
 * Holds records below the level of their loggers until it is known whether anybody needs them. Each is `emitted` when it is
 * held, `pending` meanwhile, and then delivered or `discarded`. No method throws but for a fault of ours.
 */
export interface Recorder {
  /** Lowest severity that is held. */
  readonly level: number;
  /** Held records, counted once for each destination. */
  readonly pending: number;
  /** A scope is entered. */
  begin(): Recording;
  /** The scope is over: what is held goes out when it is needed or the scope was slow, and is discarded otherwise. */
  finish(recording: Recording, isNeeded: boolean): void;
  /** The function of the scope has returned, and nobody can tell what goes on behind it: what is held waits for its age. */
  leave(recording: Recording): void;
  /** Whether a record from there would be held. */
  covers(recording: Recording | undefined, span: SpanContext | undefined): boolean;
  /** Takes the filled record of a scope, or of its trace where there is none. Its observed time is set here. */
  hold(recording: Recording | undefined, record: LogRecord): void;
  /** An ERROR comes next: what is held of this scope and trace goes out before it, and what follows passes. */
  release(recording: Recording | undefined, span: SpanContext | undefined): void;
  /** The process is about to fail: all that is held goes out, in the order in which it was logged. */
  releaseAll(): void;
  /** A span of this process has ended. @param recording of the scope that it ended in */
  spanEnded(span: EndedSpan, recording: Recording | undefined): void;
  /** Discards all that is held. Nothing is called after it. */
  end(): void;
}

export interface EndedSpan {
  readonly traceId: string;
  readonly hasFailed: boolean;
  /** No span of this process is its parent. */
  readonly isLocalRoot: boolean;
}
