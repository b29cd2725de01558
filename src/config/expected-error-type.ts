import type { ErrorClass, ExpectedError } from '../core/error-rules.ts';
import { LEVEL_NAMES, parseLevel, SEVERITY, severityText } from '../core/level.ts';
import { readArray, readProperty } from './foreign.ts';
import { splitList } from './setting-list-type.ts';
import type { Complain, SettingType } from './setting-type.ts';

const FIX = 'Give a class, its name, a code, or { error: one of these, level }: [NotFoundError, "ECONNRESET"].';
/** Not `off`: what is not to be logged at all has the lowest level. */
const LEVEL_FIX = `Use one of: ${LEVEL_NAMES.join(', ')}, or a severity number 1–24.`;

/** Errors that are no news: classes in code, names and codes everywhere, each with a level if INFO is not right. */
export const EXPECTED_ERRORS: SettingType<readonly ExpectedError[]> = {
  label: 'list of classes, names or codes; in a variable `name,name=level,…`',
  fromCode(value, complain) {
    const entries = readArray(value);
    if (entries === undefined) {
      complain({ code: 'SPANLOG_BAD_TYPE', fix: 'Give an array: [NotFoundError, "ECONNRESET"].' });
    }
    return entries?.flatMap((entry, i) => expectedOf(entry, String(i), complain));
  },
  fromText: (text, complain) =>
    splitList(text).flatMap((entry, i) => {
      const [error = '', level] = entry.split('=').map((part) => part.trim());
      return expectedOf(level === undefined ? error : { error, level }, String(i), complain);
    }),
  show: (entries) =>
    entries.map(({ match, severity }) => `${nameOf(match)}=${severityText(severity).toLowerCase()}`).join(', '),
  join: (stronger, weaker) => [...stronger, ...weaker],
};

function expectedOf(entry: unknown, key: string, complain: Complain): readonly ExpectedError[] {
  const isPair = typeof entry === 'object' && entry !== null;
  const match = isPair ? readProperty(entry, 'error') : entry;
  const level = isPair ? readProperty(entry, 'level') : undefined;
  const severity = level === undefined ? SEVERITY.info : parseLevel(level);
  if (severity === undefined || severity < 1 || severity > 24) {
    complain({ code: 'SPANLOG_BAD_LEVEL', fix: LEVEL_FIX, key, value: level });
    return [];
  }
  if (typeof match === 'string' && match.trim() !== '') return [{ match: match.trim(), severity }];
  if (isClass(match)) return [{ match, severity }];
  complain({ code: 'SPANLOG_BAD_TYPE', fix: FIX, key, value: match });
  return [];
}

function isClass(value: unknown): value is ErrorClass {
  return typeof value === 'function' && typeof readPrototype(value) === 'object';
}

function readPrototype(value: object): unknown {
  try {
    return Reflect.get(value, 'prototype');
  } catch {
    // A proxy that throws is no class of errors.
    return undefined;
  }
}

function nameOf(match: ExpectedError['match']): string {
  return typeof match === 'string' ? match : match.name;
}
