import assert from 'node:assert/strict';
import { resolveSettings } from '../../src/config/resolve.ts';
import type { Options } from '../../src/config/options.ts';
import { isBalanced } from '../../src/core/ledger.ts';
import type { LogRecord } from '../../src/core/record.ts';
import { createRecordingHub } from './recording-hub.ts';
import type { Recording, RecordingOptions } from './recording-hub.ts';
import { SteppedTime } from './stepped-time.ts';

/** Time that passes when told to, and what falls due in it. */
export class TimeWithTimers extends SteppedTime {
  readonly #due = new Set<{ readonly atMs: number; readonly run: () => void }>();

  readonly after = (delayMs: number, run: () => void): (() => void) => {
    const timer = { atMs: this.monotonicMs() + delayMs, run };
    this.#due.add(timer);
    return () => this.#due.delete(timer);
  };

  get timers(): number {
    return this.#due.size;
  }

  override pass(durationMs: number): void {
    const endMs = this.monotonicMs() + durationMs;
    for (;;) {
      const [next] = [...this.#due].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#due.delete(next);
      super.pass(Math.max(0, next.atMs - this.monotonicMs()));
      next.run();
    }
    super.pass(endMs - this.monotonicMs());
  }
}

export interface VolumeHub extends Recording {
  readonly time: TimeWithTimers;
  /** Names of events, or bodies, in the order in which they arrived. */
  readonly told: () => string[];
  /** Records of that event. */
  readonly of: (event: string) => LogRecord[];
}

/** A hub that holds back what the options say, under a clock of the test's. Its account is asked for balance at the end. */
export function createVolumeHub(options: Options, more: Omit<RecordingOptions, 'volume' | 'time'> = {}): VolumeHub {
  const { settings, problems } = resolveSettings(options, {}, { isTty: false });
  assert.deepEqual(problems, []);
  const time = new TimeWithTimers();
  const recording = createRecordingHub({ ...more, time, volume: { settings, time, after: time.after } });
  const textOf = ({ eventName, body }: LogRecord): string => eventName || (body as string);
  return {
    ...recording,
    time,
    told: () => recording.records.map(textOf),
    of: (event) => recording.records.filter((record) => textOf(record) === event),
  };
}

/** Every record was counted, and nothing went wrong inside. */
export function assertAccounted({ account, complaints }: Recording): void {
  assert.deepEqual(complaints, []);
  assert.ok(isBalanced(account.counts()), JSON.stringify(account.counts()));
}
