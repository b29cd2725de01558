import type { Clock } from '../core/clock.ts';
import { EventNames } from '../core/event-names.ts';
import type { Intake } from '../core/intake.ts';
import { copyRecord } from '../core/record.ts';
import type { LogRecord } from '../core/record.ts';
import type { ValueReader } from '../core/read-value.ts';
import { roughBytes } from './rough-bytes.ts';

export interface EarlyBufferParts {
  readonly reader: ValueReader;
  readonly attributeLimit: number;
  readonly clock: Clock;
  readonly maxBytes: number;
  /** Called once, when the first record waits. */
  readonly onFirst: () => void;
}

/**
 * Where records wait before `register`: already redacted by the defaults, bounded in bytes, the oldest dropped first.
 * `drain` gives them away once the real pipeline stands.
 */
export class EarlyBuffer implements Intake {
  readonly reader: ValueReader;
  readonly events: EventNames = new EventNames();
  readonly attributeLimit: number;
  readonly epoch = 0;
  /** Records that had to make room; they become the ledger's once there is one. */
  dropped = 0;
  failed = 0;
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #onFirst: () => void;
  readonly #waiting: { readonly record: LogRecord; readonly bytes: number }[] = [];
  #bytes = 0;

  constructor(parts: EarlyBufferParts) {
    this.reader = parts.reader;
    this.attributeLimit = parts.attributeLimit;
    this.#clock = parts.clock;
    this.#maxBytes = parts.maxBytes;
    this.#onFirst = parts.onFirst;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Sampling waits for its settings: it is applied when the record flows on. */
  admit(): boolean {
    return true;
  }

  submit(record: LogRecord): void {
    this.#clock.stamp(record.observed);
    if (this.#waiting.length === 0 && this.dropped === 0) this.#onFirst();
    const kept = copyRecord(record);
    const bytes = roughBytes(kept);
    this.#waiting.push({ record: kept, bytes });
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#waiting.shift();
      if (oldest === undefined) break;
      this.#bytes -= oldest.bytes;
      this.dropped++;
    }
  }

  fail(): void {
    this.failed++;
  }

  /** The records in order; they are the caller's now. */
  drain(): LogRecord[] {
    this.#bytes = 0;
    return this.#waiting.splice(0).map(({ record }) => record);
  }
}
