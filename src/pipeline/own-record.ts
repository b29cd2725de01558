import { SEVERITY } from '../core/level.ts';
import type { LevelName } from '../core/level.ts';
import { ValueMap } from '../core/value.ts';
import type { Value } from '../core/value.ts';
import type { HeldBack } from './rate-limit.ts';

/** A record of spanlog's own, from the logger `spanlog`. It passes neither sampling nor limits. */
export interface OwnRecord {
  readonly eventName: string;
  readonly severity: number;
  readonly body: string;
  readonly fields: readonly (readonly [key: string, value: Value])[];
}

/** The name of the logger of records of our own. */
export const OWN_LOGGER = 'spanlog';

/** Says what a limit held back. As severe as the most severe of them, so that whoever takes only errors learns of it. */
export function limitedRecord(held: HeldBack): OwnRecord {
  const { logger, event, count, limit, severity } = held;
  const what = event === '' ? 'messages' : `of ${event}`;
  const where = logger ?? 'events that are too many to be limited one by one';
  return {
    eventName: 'spanlog.records_limited',
    severity: Math.max(SEVERITY.warn, severity),
    body: `held back ${levelsText(held.levels)} ${what} from ${where}: more than ${limit.text}`,
    fields: [
      ...(event === '' ? [] : [['event', event] as const]),
      ...(logger === undefined ? [] : [['logger', logger] as const]),
      ['reason', 'rate_limit'],
      ['limit', limit.text],
      ['count', count],
      ['levels', ValueMap.from(Object.entries(held.levels))],
      ['first_at', new Date(held.firstMs).toISOString()],
      ['last_at', new Date(held.lastMs).toISOString()],
    ],
  };
}

/** Says that an event is logged more often than anybody reads. */
export function rateHighRecord(event: string, logger: string, count: number, withinMs: number): OwnRecord {
  const seconds = Math.round(withinMs) / 1_000;
  return {
    eventName: 'spanlog.event_rate_high',
    severity: SEVERITY.warn,
    body: `${event} was logged ${count.toLocaleString('en')} times in ${seconds} s`,
    fields: [
      ['event', event],
      ['logger', logger],
      ['count', count],
      ['seconds', seconds],
      [
        'fix',
        `sum it up into one record, lower its level, sample it (sample.events) or limit it (rateLimit.events); rateLimit.noticePerMinute says from where on this is told`,
      ],
    ],
  };
}

/** `1,200 INFO, 3 ERROR`. */
export function levelsText(levels: Readonly<Partial<Record<LevelName, number>>>): string {
  const parts = Object.entries(levels).map(([level, count]) => `${count.toLocaleString('en')} ${level.toUpperCase()}`);
  return parts.join(', ');
}
