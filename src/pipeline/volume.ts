import type { DedupeSettings, RateLimitSettings } from '../config/resolved-settings.ts';
import type { Instant, TimeSource } from '../core/clock.ts';
import { SEVERITY } from '../core/level.ts';
import { appendField, copyRecord } from '../core/record.ts';
import type { LogRecord } from '../core/record.ts';
import { settleRepeats } from '../core/record-fields.ts';
import { RepeatFinder, repeatFields } from './dedupe.ts';
import type { After, Repeats } from './dedupe.ts';
import { limitedRecord } from './own-record.ts';
import type { OwnRecord } from './own-record.ts';
import { RateLimiter } from './rate-limit.ts';
import type { RateLimiterParts } from './rate-limit.ts';
import { RepeatHash } from './repeat-hash.ts';
import { roughBytes } from './rough-bytes.ts';

export interface VolumeSettings {
  readonly rateLimit: RateLimitSettings;
  readonly dedupe: DedupeSettings;
}

export interface VolumeParts {
  readonly settings: VolumeSettings;
  readonly time: TimeSource;
  readonly after: After;
  readonly isHarmless: RateLimiterParts['isHarmless'];
  /** Takes what a limit held back. */
  readonly tell: (record: OwnRecord) => void;
  /** Takes the record that stands for repeats; it is the taker's. */
  readonly tellRepeats: (record: LogRecord) => void;
}

/**
 * What holds records back, and says so: the rate limit before a record is read, dedupe behind redaction. The caller counts.
 * Summaries come in time, and whenever there may be no later (`tellHeld`).
 */
export class Volume {
  readonly #limiter: RateLimiter | undefined;
  readonly #repeats: RepeatFinder<LogRecord, LogRecord> | undefined;
  readonly #hash: RepeatHash | undefined;
  readonly #tell: VolumeParts['tell'];
  #cancel: (() => void) | undefined;
  #isClosed = false;

  /** Undefined where the settings hold nothing back. */
  static create(parts: VolumeParts): Volume | undefined {
    const { rateLimit, dedupe } = parts.settings;
    return RateLimiter.limits(rateLimit) || dedupe.isOn ? new Volume(parts) : undefined;
  }

  private constructor({ settings: { rateLimit, dedupe }, time, after, isHarmless, tell, tellRepeats }: VolumeParts) {
    this.#tell = tell;
    if (RateLimiter.limits(rateLimit)) {
      this.#limiter = new RateLimiter({ settings: rateLimit, time, isHarmless });
      this.#limiter.onFirst = () => {
        this.#cancel = after(rateLimit.summaryMs, () => this.#tellLimited());
      };
    }
    if (dedupe.isOn) {
      this.#hash = new RepeatHash(dedupe.ignore);
      this.#repeats = new RepeatFinder(dedupe, {
        now: () => time.monotonicMs(),
        after,
        keep: copyRecord,
        bytesOf: roughBytes,
        tell: (repeats) => tellRepeats(recordOf(repeats)),
      });
    }
  }

  admits(logger: string, severity: number, eventName: string): boolean {
    return this.#limiter === undefined || this.#isClosed || this.#limiter.admits(logger, severity, eventName);
  }

  /** True for a record that is held back as a repeat; it has its time by now. `tellDue` has to follow. */
  holds(record: LogRecord): boolean {
    if (this.#repeats === undefined || this.#isClosed || record.severity >= SEVERITY.fatal) return false;
    const hash = this.#hash?.of(record);
    return hash !== undefined && this.#repeats.holds(hash, msOf(record.observed), record);
  }

  /** Tells of repeats whose time is over, behind the record that found them. */
  tellDue(): void {
    this.#repeats?.tellDue();
  }

  /** Tells of all that is held back. After the `last` time nothing is held back any more: there would be nobody to tell. */
  tellHeld(last: boolean): void {
    if (last) this.#isClosed = true;
    this.#cancel?.();
    this.#tellLimited();
    if (last) this.#repeats?.close();
    else this.#repeats?.tellNow();
  }

  #tellLimited(): void {
    for (const held of this.#limiter?.drain() ?? []) this.#tell(limitedRecord(held));
  }
}

/** The last of the repeats, saying what it stands for. */
function recordOf(repeats: Repeats<LogRecord>): LogRecord {
  const { last } = repeats;
  // It happened then; when it is told is its observed time.
  if (last.time.seconds === 0) Object.assign(last.time, last.observed);
  for (const [key, value] of repeatFields(repeats)) appendField(last, key, value);
  settleRepeats(last);
  last.error = undefined;
  return last;
}

function msOf({ seconds, nanos }: Instant): number {
  return seconds * 1_000 + nanos / 1e6;
}
