import { LEVEL_NAMES, SEVERITY } from '../core/level.ts';

/** Share of a bounded room that each level may fill, so that the last of it is kept for ERROR and FATAL. */
const SHARE = { trace: 0.8, debug: 0.8, info: 0.9, warn: 0.95, error: 1, fatal: 1 } as const;

/** Bytes at which each severity number 0–24 is refused. */
export function roomsBySeverity(maxBytes: number): readonly number[] {
  const rooms = new Array<number>(25).fill(maxBytes * SHARE.info);
  for (const name of LEVEL_NAMES) rooms.fill(Math.floor(maxBytes * SHARE[name]), SEVERITY[name], SEVERITY[name] + 4);
  return rooms;
}
