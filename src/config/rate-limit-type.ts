import type { SettingType } from './setting-type.ts';
import { scalar } from './setting-type.ts';

/** How many records of one kind may pass. */
export interface RateLimit {
  /** Infinity: no limit. */
  readonly perSecond: number;
  /** How many may pass at once after a pause. */
  readonly burst: number;
  /** As it was written. */
  readonly text: string;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3_600 };
const LIMIT = /^(\d+(?:\.\d+)?) ?\/ ?(s|min|h)(?: burst (\d+))?$/;
const NO_LIMIT: RateLimit = { perSecond: Infinity, burst: Infinity, text: 'off' };

/** Records in a time, with the unit in the value: `100/s`, `1000/min`, `600/h burst 50`. */
export const RATE_LIMIT: SettingType<RateLimit> = scalar({
  label: 'records in a time: `100/s`, `1000/min`, `600/h burst 50`; `off` for no limit',
  code: 'SPANLOG_BAD_RATE_LIMIT',
  fix: 'Give a number of records with its unit, such as 100/s, 1000/min or 600/h burst 50, or off for no limit.',
  read: (value) => {
    if (value === false) return NO_LIMIT;
    return typeof value === 'string' ? parseLimit(value.trim().toLowerCase().replace(/\s+/g, ' ')) : undefined;
  },
  show: ({ text }) => text,
});

function parseLimit(text: string): RateLimit | undefined {
  if (text === 'off') return NO_LIMIT;
  const [, count, unit, burst] = LIMIT.exec(text) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  const records = Number(count);
  const perSecond = records / (SECONDS[unit] ?? 1);
  if (!Number.isSafeInteger(Math.ceil(records))) return undefined;
  // What one unit allows may come at once: who writes 1000/min means that the first thousand pass.
  return { perSecond, burst: burst === undefined ? Math.ceil(records) : Number(burst), text };
}
