/**
 * Levels and their OTel severity numbers (Logs Data Model, "SeverityNumber": 1–24 in bands of four).
 *
 * Configuration is forgiving about spelling (`WARNING`, `critical`, `9`), the API is not: six methods, six names.
 */

/** The six levels, in rising order. */
export const LEVEL_NAMES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export type LevelName = (typeof LEVEL_NAMES)[number];

/** What a setting may say: a name in any usual spelling, `off`, or an OTel severity number 1–24. */
export type Level =
  LevelName | Uppercase<LevelName> | 'warning' | 'WARNING' | 'critical' | 'CRITICAL' | 'off' | 'OFF' | number;

/** The lowest OTel severity number of each level. */
export const SEVERITY: Readonly<Record<LevelName, number>> = Object.freeze({
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
});

/** A threshold above every severity: nothing passes. */
export const SEVERITY_OFF = 25;

/** SeverityText by severity number, index 0 (unspecified) to 24. */
const TEXT: readonly string[] = [
  '',
  ...LEVEL_NAMES.flatMap((name) => {
    const text = name.toUpperCase();
    return [text, `${text}2`, `${text}3`, `${text}4`];
  }),
];

const BY_NAME: ReadonlyMap<string, number> = new Map([
  ...Object.entries(SEVERITY),
  ['warning', SEVERITY.warn],
  ['critical', SEVERITY.fatal],
  ['off', SEVERITY_OFF],
]);

/** What an error message about a bad level offers. */
export const VALID_LEVELS =
  'trace, debug, info, warn (warning), error, fatal (critical), off, or a severity number 1–24';

/** The severity number that `level` means, or `undefined` when it means nothing. */
export function parseLevel(level: unknown): number | undefined {
  if (typeof level === 'number') return isSeverity(level) ? level : undefined;
  if (typeof level !== 'string') return undefined;
  const name = level.trim().toLowerCase();
  if (/^\d{1,2}$/.test(name)) return parseLevel(Number(name));
  return BY_NAME.get(name);
}

/** `INFO` for 9, `INFO2` for 10, the empty string for 0 and for anything out of range. */
export function severityText(severity: number): string {
  return TEXT[severity] ?? '';
}

/** The level whose band holds this severity number; 0 (unspecified) counts as INFO, as backends show it. */
export function levelOf(severity: number): LevelName {
  return LEVEL_NAMES[Math.floor((severity - 1) / 4)] ?? 'info';
}

function isSeverity(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 24;
}
