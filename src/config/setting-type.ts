import { resolve } from 'node:path';
import type { SettingCode } from '../core/errors.ts';
import { parseLevel, severityText, SEVERITY_OFF, VALID_LEVELS } from '../core/level.ts';

/** What is wrong with a value, before it is said where the value came from. */
export interface Complaint {
  readonly code: SettingCode;
  /** One sentence in the imperative, or more. */
  readonly fix: string;
  /** The entry that is wrong, when it is only a part of the value. */
  readonly key?: string;
  /** What stands there; the whole value when left out. */
  readonly value?: unknown;
}

export type Complain = (complaint: Complaint) => void;

/**
 * How a setting is read from code and from a variable. Both give `undefined` for a value that is wrong, having
 * complained; a list or map with one wrong entry complains of that entry and keeps the others.
 */
export interface SettingType<T> {
  /** What the documentation says of possible values. */
  readonly label: string;
  fromCode(value: unknown, complain: Complain): T | undefined;
  /** `text` is trimmed and not empty: an empty variable counts as unset (OTel, "Parsing empty value"). */
  fromText(text: string, complain: Complain, variable: string): T | undefined;
  /** From the configuration file, where values have types; as from code when left out. */
  readonly fromFile?: (value: unknown, complain: Complain) => T | undefined;
  /** As `explain` shows it. */
  show(value: T): string;
  /** For maps and lists: what code says added to what the variable says. Left out, the stronger source counts alone. */
  readonly join?: (stronger: T, weaker: T) => T;
}

/** A type whose values are all right or all wrong. */
export function scalar<T>(parts: {
  label: string;
  code: SettingCode;
  fix: string;
  read: (value: unknown) => T | undefined;
  /** Turns a variable's text into what `read` takes; texts as they are when left out. */
  parse?: (text: string, variable: string) => unknown;
  show?: (value: T) => string;
}): SettingType<T> {
  const { code, fix, read, parse } = parts;
  const checked = (given: unknown, value: unknown, complain: Complain): T | undefined => {
    const known = read(value);
    if (known === undefined) complain({ code, fix, value: given });
    return known;
  };
  return {
    label: parts.label,
    fromCode: (value, complain) => checked(value, value, complain),
    fromText: (text, complain, variable) => checked(text, parse === undefined ? text : parse(text, variable), complain),
    show: parts.show ?? String,
  };
}

export const LEVEL: SettingType<number> = scalar({
  label: 'level',
  code: 'SPANLOG_BAD_LEVEL',
  fix: `Use one of: ${VALID_LEVELS}.`,
  read: parseLevel,
  show: showLevel,
});

/** OTEL_LOG_LEVEL has words of its own beside ours (opentelemetry-js DiagLogLevel). */
export const DIAGNOSTIC_LEVEL: SettingType<number> = scalar({
  label: 'level, or `none`, `verbose`, `all`',
  code: 'SPANLOG_BAD_LEVEL',
  fix: `Use none, verbose, all, or one of: ${VALID_LEVELS}.`,
  read: (value) => {
    const word = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
    if (word === 'none') return SEVERITY_OFF;
    return word === 'verbose' || word === 'all' ? 1 : parseLevel(value);
  },
  show: showLevel,
});

function showLevel(severity: number): string {
  if (severity >= SEVERITY_OFF) return 'off';
  return severity === 0 ? 'all' : severityText(severity).toLowerCase();
}

/** A section that is on or off as a whole: `true`, `false`, or an object of its settings, which switches it on. */
export function sectionSwitch(label: string, fix: string): SettingType<boolean> {
  return scalar({
    label,
    code: 'SPANLOG_BAD_TYPE',
    fix,
    read: (value) => {
      if (typeof value === 'boolean') return value;
      return typeof value === 'object' && value !== null ? true : undefined;
    },
    parse: (text) => ({ true: true, false: false })[text.toLowerCase()],
  });
}

/**
 * Off by default, as OTel wants all of its Boolean variables: only `true`, in any case, switches on, and every other word
 * is reported and means false.
 */
export const FLAG: SettingType<boolean> = scalar({
  label: '`true` or `false`',
  code: 'SPANLOG_BAD_BOOLEAN',
  fix: 'Use true or false.',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
  parse: (text) => ({ true: true, false: false })[text.toLowerCase()],
});

export const TEXT: SettingType<string> = scalar({
  label: 'text',
  code: 'SPANLOG_BAD_TYPE',
  fix: 'Give a text that is not empty, or leave it out.',
  read: (value) => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined),
});

/** A number is as good as a text where the value only names something. */
export const LABEL: SettingType<string> = scalar({
  label: 'text or number',
  code: 'SPANLOG_BAD_TYPE',
  fix: 'Give a text that is not empty or a number, or leave it out.',
  read: (value) => {
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  },
});

/** `1/100`, `1 in 100`: so many of so many. */
const FRACTION = /^(\d+)(?:\s*\/\s*|\s+in\s+)(\d+)$/i;

/** A share 0–1. */
export const RATE: SettingType<number> = scalar({
  label: 'share: 0–1, `1/100`, or `1 in 100`',
  code: 'SPANLOG_BAD_RATE',
  fix: 'Give a share from 0 (none) to 1 (all), such as 0.1, 1/10 or 1 in 10.',
  read: (value) => {
    const share = typeof value === 'string' ? fraction(value) : value;
    return typeof share === 'number' && share >= 0 && share <= 1 ? share : undefined;
  },
  parse: (text) => fraction(text) ?? Number(text),
});

function fraction(text: string): number | undefined {
  const [, kept, of] = FRACTION.exec(text.trim()) ?? [];
  return kept === undefined ? undefined : Number(kept) / Number(of);
}

/** What `setTimeout` can hold; more makes it fire at once. Twenty-four days: no limit, in practice. */
export const NO_LIMIT_MS = 2 ** 31 - 1;

export interface CountBounds {
  readonly unit: string;
  readonly min: number;
  readonly max?: number;
  /** Whether Infinity may be given: only where something else bounds the same thing. */
  readonly unbounded?: boolean;
}

/** A whole number of something. */
export function count(bounds: CountBounds): SettingType<number> {
  const { unit, min, unbounded = false } = bounds;
  const max = bounds.max ?? Number.MAX_SAFE_INTEGER;
  const range = bounds.max === undefined ? `${min} or more` : `${min}–${max}`;
  return scalar({
    label: `${unit}, ${range}${unbounded ? ', or `Infinity`' : ''}`,
    code: 'SPANLOG_BAD_NUMBER',
    fix: `Give a whole number of ${unit}, ${range}${unbounded ? ', or Infinity' : ''}.`,
    read: (value) => {
      if (typeof value !== 'number') return undefined;
      if (value === Infinity && unbounded) return value;
      return Number.isInteger(value) && value >= min && value <= max ? value : undefined;
    },
    parse: (text) =>
      /^[+-]?\d+$/.test(text) ? Number(text) : text.toLowerCase() === 'infinity' ? Infinity : undefined,
  });
}

/** A wait; 0 means none. */
export const DELAY_MS: SettingType<number> = count({ unit: 'milliseconds', min: 0, max: NO_LIMIT_MS });

/** A deadline; 0 means none at all (OTel, "Timeout": "zero as no limit"). */
export const TIMEOUT_MS: SettingType<number> = scalar({
  label: 'milliseconds, 0 for no limit',
  code: 'SPANLOG_BAD_NUMBER',
  fix: 'Give a whole number of milliseconds, or 0 for no limit.',
  read: (value) => {
    if (value === 0 || value === Infinity) return NO_LIMIT_MS;
    return typeof value === 'number' && Number.isInteger(value) && value > 0 ? Math.min(value, NO_LIMIT_MS) : undefined;
  },
  parse: (text) => (/^[+-]?\d+$/.test(text) ? Number(text) : undefined),
  show: (value) => (value === NO_LIMIT_MS ? 'no limit' : String(value)),
});

/** One word of a few, in any case (OTel, "Enum"). */
export function choice<const T extends string>(words: readonly T[]): SettingType<T> {
  return scalar({
    label: words.map((word) => `\`${word}\``).join(', '),
    code: 'SPANLOG_BAD_CHOICE',
    fix: `Use one of: ${words.join(', ')}.`,
    read: (value) =>
      typeof value === 'string' ? words.find((word) => word.toLowerCase() === value.trim().toLowerCase()) : undefined,
  });
}

/** Absolute from here on: the application may change its working directory later. */
export function path(label: string, fix: string): SettingType<string> {
  return scalar({
    label,
    code: 'SPANLOG_BAD_TYPE',
    fix,
    read: (value) => {
      if (typeof value !== 'string' || value.trim() === '' || value.includes('\0')) return undefined;
      try {
        return resolve(value.trim());
      } catch {
        // Relative to a working directory that was deleted: it names no place.
        return undefined;
      }
    },
  });
}
