import type { TimeSource } from '../core/clock.ts';
import type { EventRounds } from '../core/event-names.ts';
import { rateHighRecord } from './own-record.ts';
import type { OwnRecord } from './own-record.ts';

const MINUTE_MS = 60_000;
/** One event is told of this often at most. */
const REPEAT_MS = 60 * MINUTE_MS;

/**
 * Tells of events that are logged more than `perMinute` times a minute. Each event counts down from there, which is all
 * that a record costs; only when it gets to zero the clock is read, and a round of less than a minute was too fast.
 *
 * A rate that stays too high is found within two rounds. A burst of less than two rounds may fall into a slow one and the
 * next, and pass unseen.
 */
export function createRateNotice(
  perMinute: number,
  time: TimeSource,
  tell: (record: OwnRecord) => void,
): EventRounds | undefined {
  if (perMinute === 0) return undefined;
  return {
    size: perMinute,
    nowMs: () => time.monotonicMs(),
    end(name, event, scope) {
      const nowMs = time.monotonicMs();
      const withinMs = nowMs - event.sinceMs;
      if (withinMs >= MINUTE_MS || nowMs - event.toldMs < REPEAT_MS) return;
      event.toldMs = nowMs;
      // With the one that the round began with.
      tell(rateHighRecord(name, scope.name, perMinute + 1, withinMs));
    },
  };
}
