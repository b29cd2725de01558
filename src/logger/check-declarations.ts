import type { DeclaredEvent, DeclaredField, FieldType } from '../core/event-catalogue.ts';
import { FIELD_TYPES } from '../core/event-catalogue.ts';
import { EVENT_NAME } from '../core/event-names.ts';
import { LEVEL_NAMES } from '../core/level.ts';

/** Names that records use themselves, and those under which an Error becomes the record's exception. */
const RESERVED = /^(?:err|error|trace_id|span_id|trace_flags|(?:exception|log|spanlog|sampling|audit)\..*)$/;
const CLASS = /^[A-Za-z][\w.-]*$/;
/** Control characters, and what ends a line, belong into no name. */
const NAME = /^[^\p{Cc}\u2028\u2029]{1,128}$/u;
const EVENT_KEYS = ['level', 'description', 'owner', 'retention', 'audit', 'fields'];
const FIELD_KEYS = ['type', 'description', 'class', 'optional'];

type Complain = (place: string, problem: string) => void;

/** Reads what was given to `defineEvents`, and says all that is wrong with it: `declared` is of use when nothing is. */
export function readDeclarations(events: unknown): {
  readonly declared: ReadonlyMap<string, DeclaredEvent>;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const complain: Complain = (place, problem) => void problems.push(`${place}: ${problem}`);
  const declared = new Map<string, DeclaredEvent>();
  if (!isObject(events)) return { declared, problems: ['events: it must be an object of declarations by event name'] };
  for (const [name, event] of Object.entries(events)) {
    if (!EVENT_NAME.test(name)) {
      complain(quoted(name), 'an event is named by a letter, then letters, digits, _, - and dots, 64 at most');
    }
    const read = readEvent(name, event, complain);
    if (read !== undefined) declared.set(name, read);
  }
  return { declared, problems };
}

function readEvent(name: string, given: unknown, complain: Complain): DeclaredEvent | undefined {
  const place = quoted(name);
  if (!isObject(given)) {
    complain(place, 'it must be an object such as { level: "info", fields: {} }');
    return undefined;
  }
  refuseOthers(place, given, EVENT_KEYS, complain);
  const level = LEVEL_NAMES.find((known) => known === given.level);
  if (level === undefined) complain(`${place}.level`, `it must be one of ${LEVEL_NAMES.join(', ')}`);
  const fields = new Map<string, DeclaredField>();
  if (given.fields !== undefined && !isObject(given.fields)) complain(`${place}.fields`, 'it must be an object');
  for (const [key, field] of Object.entries(isObject(given.fields) ? given.fields : {})) {
    const read = readField(`${place}.fields.${quoted(key)}`, key, field, complain);
    if (read !== undefined) fields.set(key, read);
  }
  return {
    name,
    level: level ?? 'info',
    description: textIn(place, given, 'description', complain),
    owner: textIn(place, given, 'owner', complain),
    retention: wordIn(place, given, 'retention', complain),
    audit: flagIn(place, given, 'audit', complain),
    fields,
  };
}

function readField(place: string, name: string, given: unknown, complain: Complain): DeclaredField | undefined {
  if (!NAME.test(name)) complain(place, 'a field needs a name of 1–128 printable characters');
  else if (RESERVED.test(name) || name === '__proto__') {
    complain(place, 'the name is reserved for what records say themselves; the error is the argument after the fields');
  }
  const options = isObject(given) ? given : { type: given };
  refuseOthers(place, options, FIELD_KEYS, complain);
  const type = typeIn(options.type);
  if (type === undefined) {
    complain(
      place,
      `its type must be one of ${FIELD_TYPES.join(', ')}, such a type with [] for a list of them, or a list of different words`,
    );
    return undefined;
  }
  return {
    type,
    class: wordIn(place, options, 'class', complain),
    optional: flagIn(place, options, 'optional', complain),
    description: textIn(place, options, 'description', complain),
  };
}

function typeIn(given: unknown): DeclaredField['type'] | undefined {
  if (Array.isArray(given)) {
    const words = given as readonly unknown[];
    const isChoice = words.length > 0 && new Set(words).size === words.length;
    return isChoice && words.every((word) => typeof word === 'string') ? [...words] : undefined;
  }
  if (typeof given !== 'string') return undefined;
  const element = given.endsWith('[]') ? given.slice(0, -2) : given;
  return FIELD_TYPES.some((known) => known === element) ? (given as FieldType) : undefined;
}

function refuseOthers(place: string, given: object, known: readonly string[], complain: Complain): void {
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      complain(`${place}.${quoted(key)}`, `there is no such key; known are ${known.join(', ')}`);
    }
  }
}

function textIn(place: string, given: Given, key: string, complain: Complain): string | undefined {
  const text = given[key];
  if (text === undefined || (typeof text === 'string' && text.trim() !== '')) return text?.trim();
  complain(`${place}.${key}`, 'it must be a text that is not empty');
  return undefined;
}

function wordIn(place: string, given: Given, key: string, complain: Complain): string | undefined {
  const word = given[key];
  if (word === undefined || (typeof word === 'string' && CLASS.test(word))) return word;
  complain(`${place}.${key}`, 'it must be one word, such as pii');
  return undefined;
}

function flagIn(place: string, given: Given, key: string, complain: Complain): boolean {
  const flag = given[key];
  if (flag === undefined || typeof flag === 'boolean') return flag ?? false;
  complain(`${place}.${key}`, 'it must be true or false');
  return false;
}

type Given = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quoted(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? name : JSON.stringify(name);
}
