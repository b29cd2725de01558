import type { LevelName } from '../core/level.ts';
import { levelOf, parseLevel, VALID_LEVELS } from '../core/level.ts';
import { readArray, readObject, isRegExp } from './foreign.ts';
import type { Complain, SettingType } from './setting-type.ts';
import { HIDDEN } from './value-text.ts';

/** Some of a few words: an array in code, separated by commas in a variable. */
export const WORDS: SettingType<readonly string[]> = {
  label: 'list of texts',
  fromCode(value, complain) {
    const entries = readArray(value);
    if (entries === undefined) {
      complain({ code: 'SPANLOG_BAD_TYPE', fix: 'Give an array of texts.' });
      return undefined;
    }
    const texts: string[] = [];
    for (const [i, entry] of entries.entries()) {
      if (typeof entry === 'string' && entry.trim() !== '') texts.push(entry.trim());
      else complain({ code: 'SPANLOG_BAD_TYPE', fix: 'Give a text that is not empty.', key: String(i), value: entry });
    }
    return texts;
  },
  fromText: (text) => splitList(text),
  show: (texts) => texts.join(', '),
};

/** A collection of texts, to which every source adds. */
export const TEXTS: SettingType<readonly string[]> = {
  ...WORDS,
  join: (stronger, weaker) => [...new Set([...weaker, ...stronger])],
};

/**
 * Names with dots between them, `*`, `**`, and in brackets positions, `*` or a quoted key. At each place one alternative
 * fits at most, so a long rule takes linear time.
 */
const PATH = /^(?=[^.])(?:[^.[\]]+)?(?:\[\s*(?:"[^"]*"|'[^']*'|\*|\d+)\s*\](?:[^.[\]]+)?|\.(?:[^.[\]]+|(?=\[)))*$/;

/** Places in a record. One that does not parse is left out: it could hide nothing. */
export const PATHS: SettingType<readonly string[]> = {
  ...TEXTS,
  label: 'list of paths',
  fromCode: (value, complain) => checkPaths(TEXTS.fromCode(value, complain), complain),
  fromText: (text, complain) => checkPaths(splitList(text), complain),
};

function checkPaths(paths: readonly string[] | undefined, complain: Complain): readonly string[] | undefined {
  return paths?.filter((path) => {
    const parses = PATH.test(path);
    if (!parses) {
      const fix = 'Write names with dots between them, such as user.address, items[*].card, *.pin or **.note.';
      complain({ code: 'SPANLOG_BAD_PATTERN', fix, value: path });
    }
    return parses;
  });
}

/** The entries of a comma-separated list, trimmed, without empty ones. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** How the names of a map are checked: what the name means, or `undefined`, having complained. */
type ReadName<K> = (name: string, complain: Complain) => K | undefined;

/**
 * A map: an object in code, `name=value,name=value` in a variable.
 *
 * @param otherwise in the place of a wrong value, where leaving the entry out is not the safer choice
 */
export function mapOf<K extends string, T>(
  value: SettingType<T>,
  label: string,
  readName: ReadName<K>,
  otherwise?: T,
): SettingType<ReadonlyMap<K, T>> {
  const collect = (
    entries: Iterable<readonly [string, unknown]>,
    read: (entry: unknown, complain: Complain) => T | undefined,
    complain: Complain,
  ): ReadonlyMap<K, T> => {
    const map = new Map<K, T>();
    for (const [name, entry] of entries) {
      const at: Complain = (complaint) => complain({ key: name, value: entry, ...complaint });
      const known = readName(name, at);
      if (known === undefined) continue;
      const parsed = read(entry, at) ?? otherwise;
      if (parsed !== undefined) map.set(known, parsed);
    }
    return map;
  };
  return {
    label,
    fromCode(given, complain) {
      const object = readObject(given);
      if (object === undefined) {
        complain({ code: 'SPANLOG_BAD_TYPE', fix: `Give an object: ${label}.` });
        return undefined;
      }
      for (const key of object.unreadable) complain({ code: 'SPANLOG_UNREADABLE_SETTING', fix: UNREADABLE_FIX, key });
      const map = collect(object.values, (entry, at) => value.fromCode(entry, at), complain);
      if (otherwise === undefined || object.unreadable.length === 0) return map;
      return new Map([...map, ...object.unreadable.map((key) => [key as K, otherwise] as const)]);
    },
    fromText(text, complain, variable) {
      const pairs = splitPairs(text);
      if (pairs === undefined) {
        complain({ code: 'SPANLOG_BAD_LIST', fix: 'Write name=value, and a comma between two of them.' });
        return undefined;
      }
      return collect(pairs, (entry, at) => value.fromText(String(entry), at, variable), complain);
    },
    show: (map) => [...map].map(([name, entry]) => `${name}=${value.show(entry)}`).join(', '),
    join: (stronger, weaker) => new Map([...weaker, ...stronger]),
  };
}

export const UNREADABLE_FIX = 'Pass a plain value: reading this one threw.';

/** Names that loggers have: anything but nothing (R1.2: there is no anonymous root logger). */
export function loggerPrefix(name: string, complain: Complain): string | undefined {
  if (name.trim() !== '') return name.trim();
  complain({
    code: 'SPANLOG_BAD_PREFIX',
    fix: 'Name a logger or the beginning of its name; for all loggers there is `level` (or `sample.rate`).',
    value: name,
  });
  return undefined;
}

/** A level's name in any spelling, as the key of a map. */
export function levelNameIn(name: string, complain: Complain): LevelName | undefined {
  const severity = parseLevel(name);
  if (severity !== undefined && severity <= 24) return levelOf(severity);
  complain({ code: 'SPANLOG_BAD_LEVEL', fix: `Use one of: ${VALID_LEVELS}.`, value: name });
  return undefined;
}

/** Any name that is not empty. */
export function anyName(name: string, complain: Complain): string | undefined {
  if (name.trim() !== '') return name.trim();
  complain({ code: 'SPANLOG_BAD_LIST', fix: 'Give the entry a name.', value: name });
  return undefined;
}

/** A regular expression; there is no form of it for variables. */
export const PATTERN: SettingType<RegExp> = {
  label: 'regular expression',
  fromCode(value, complain) {
    if (isRegExp(value)) return value;
    complain({ code: 'SPANLOG_BAD_PATTERN', fix: 'Give a regular expression, such as /ACME-\\d{6}/.' });
    return undefined;
  },
  fromText(_text, complain) {
    complain({ code: 'SPANLOG_BAD_PATTERN', fix: 'Patterns can be given in code only.' });
    return undefined;
  },
  show: String,
};

/**
 * Percent-decoded pairs, `key1=value1,key2=value2` (W3C Baggage without its metadata, as OTel writes headers and resource
 * attributes). One entry that does not decode spoils the whole, as the specification wants it for the resource: half of
 * somebody's headers is worse than a clear notice.
 */
export function decodePairs(text: string): ReadonlyMap<string, string> | undefined {
  const pairs = splitPairs(text);
  if (pairs === undefined) return undefined;
  const decoded = new Map<string, string>();
  try {
    for (const [key, value] of pairs) {
      if (key === '') return undefined;
      decoded.set(decodeURIComponent(key), decodeURIComponent(value));
    }
  } catch {
    // URIError: a lone `%`. The caller complains.
    return undefined;
  }
  return decoded;
}

/** `name=value` pairs, trimmed; `undefined` when an entry has no `=`. A value may contain `=`, as Base64 does. */
function splitPairs(text: string): readonly (readonly [string, string])[] | undefined {
  const pairs: (readonly [string, string])[] = [];
  for (const entry of splitList(text)) {
    const at = entry.indexOf('=');
    if (at === -1) return undefined;
    pairs.push([entry.slice(0, at).trim(), entry.slice(at + 1).trim()]);
  }
  return pairs;
}

const PAIRS_FIX =
  'Write name=value, a comma between two of them, and percent-encode `,`, `%` and spaces (`%2C`, `%25`, `%20`).';

export type ResourceValue = string | number | boolean;

/** Attributes of the resource. From variables all values are texts (OTel Resource SDK). */
export const ATTRIBUTES: SettingType<ReadonlyMap<string, ResourceValue>> = {
  ...mapOf<string, ResourceValue>(
    {
      label: 'text, number or boolean',
      fromCode(value, complain) {
        if (typeof value === 'string' || typeof value === 'boolean') return value;
        if (typeof value === 'number' && Number.isFinite(value)) return value;
        complain({ code: 'SPANLOG_BAD_TYPE', fix: 'Give a text, a number or a boolean.' });
        return undefined;
      },
      fromText: (text) => text,
      // Platforms put passwords here too.
      show: () => '…',
    },
    '`{ name: value }`, or `name=value,…`',
    anyName,
  ),
  fromText(text, complain) {
    const pairs = decodePairs(text);
    if (pairs === undefined) complain({ code: 'SPANLOG_BAD_LIST', fix: PAIRS_FIX });
    return pairs;
  },
};

/** What HTTP allows in a header's name (RFC 9110, token). */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Latin-1 without control characters: what Node puts on the wire (RFC 9110, field-content). */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** The transport's own business: a wrong one breaks every request. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'transfer-encoding',
]);

/** A header's name in lower case, or `undefined`, having complained. */
function headerName(name: string, complain: Complain): string | undefined {
  const lower = name.trim().toLowerCase();
  if (HEADER_NAME.test(lower) && !OWN_HEADERS.has(lower)) return lower;
  const fix = OWN_HEADERS.has(lower) ? 'Leave it out: it is set with each request.' : 'Use a name that HTTP allows.';
  complain({ code: 'SPANLOG_BAD_HEADER', fix, value: name });
  return undefined;
}

/** Headers of each request; all values are taken for secrets. */
export const HEADERS: SettingType<ReadonlyMap<string, string>> = {
  ...mapOf<string, string>(
    {
      label: 'text',
      fromCode(value, complain) {
        if (typeof value === 'string' && HEADER_VALUE.test(value)) return value.trim();
        complain({
          code: 'SPANLOG_BAD_HEADER',
          fix: 'Give a text without line breaks, control characters, or characters past U+00FF.',
        });
        return undefined;
      },
      fromText: (text) => text,
      show: () => HIDDEN,
    },
    '`{ name: value }`, or `name=value,…`',
    headerName,
  ),
  fromText(text, complain) {
    const pairs = decodePairs(text);
    if (pairs === undefined) {
      complain({ code: 'SPANLOG_BAD_LIST', fix: PAIRS_FIX });
      return undefined;
    }
    return HEADERS.fromCode(Object.fromEntries(pairs), complain);
  },
};
