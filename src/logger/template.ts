import { types } from 'node:util';
import type { KnownKeys } from '../core/event-names.ts';
import type { Intake } from '../core/intake.ts';
import { appendField, fieldIndex, TEMPLATE_KEY } from '../core/record.ts';
import type { LogRecord } from '../core/record.ts';
import { settleRepeats } from '../core/record-fields.ts';
import type { ValueReader } from '../core/read-value.ts';
import { DROPPED, ValueMap, Varied } from '../core/value.ts';
import type { Value } from '../core/value.ts';
import type { ValuePolicy } from '../core/value-policy.ts';
import { jsonValue } from '../encode/json-text.ts';
import { errorInField } from '../encode/line-stack.ts';
import { safeMessage } from './exception.ts';
import { addProblem, isError, isPlain, namedEntries } from './fields.ts';

/** Stands in a skeleton for a value without a name. */
const UNNAMED = '{}';
/** The kind under which a field is hidden because the text around it gave it away, as in `password=${{ value }}`. */
const HIDDEN_BY_TEXT = 'context';
/** Names up to this length are taken as they are. */
const LONGEST_PLAIN_KEY = 256;
/** A value shorter than this may stand in a text by chance. */
const LEAST_TELLING = 4;
const MARKS = /\[REDACTED:[^\]]*\]/g;

/** One call of a log method as a template tag, on its way to the record. */
export class TemplateCall {
  /** Tells it apart from a proxy of the application, whose traps `instanceof` would run. */
  readonly #isOurs = true;
  readonly strings: TemplateStringsArray;
  readonly values: readonly unknown[];

  /** @param values as many as the method got or more: it always has places for two */
  constructor(strings: TemplateStringsArray, values: readonly unknown[]) {
    this.strings = strings;
    this.values = values;
  }

  /** True for a call made here. Never throws and runs no code of the application. */
  static is(value: unknown): value is TemplateCall {
    return typeof value === 'object' && value !== null && #isOurs in value;
  }

  /** How many values it has. */
  get count(): number {
    return Math.min(this.values.length, this.strings.length - 1);
  }

  /** The text before the value at `index`. An escape that JavaScript can't read (`\u`) leaves only its source. */
  literal(index: number): string {
    try {
      const cooked: unknown = this.strings[index];
      if (typeof cooked === 'string') return cooked;
      const raw: unknown = this.strings.raw[index];
      return typeof raw === 'string' ? raw : '';
    } catch {
      // Not JavaScript's own: a proxy or a getter that was given in place of a template.
      return '[Throws]';
    }
  }

  /** The text with nothing in its gaps, for a record whose values must not be touched. */
  get literals(): string {
    let text = this.literal(0);
    for (let i = 1; i <= this.count; i++) text += UNNAMED + this.literal(i);
    return text;
  }
}

/** True for what a template tag gets as its first argument. Never throws: a revoked proxy is no template. */
export function isTemplate(event: unknown): event is TemplateStringsArray {
  try {
    return Array.isArray(event) && 'raw' in event && Array.isArray(event.raw);
  } catch {
    // What can't be asked is read as a value, whose reader knows what to say of it.
    return false;
  }
}

/**
 * Fills a record from a template (R2.2): the text as its body, each named value as a field, the skeleton as
 * `log.template`. Returns the first Error among the values, which becomes `exception.*`.
 *
 * Each value is read once, as a field; the text is made of what was read, so that it shows no more than the fields do.
 * It is then judged as a whole, which finds what no value says alone (`Bearer ${token}`), and what it hides, no field
 * keeps.
 */
export function fillTemplate(record: LogRecord, intake: Intake, call: TemplateCall): unknown {
  const { reader } = intake;
  const filling = new Filling(record, intake, call.literal(0));
  for (let i = 0; i < call.count; i++) filling.take(call.values[i], call.literal(i + 1));
  // With a budget of its own: the fields have been paid for.
  reader.begin();
  const shown = reader.readBody(filling.text);
  record.body = shown;
  if (shown !== filling.text) filling.hideWith(reader.policy.text(filling.text));
  appendField(record, TEMPLATE_KEY, shownSkeleton(call.strings, filling.skeleton, reader));
  if (filling.repeats || isBound(record, TEMPLATE_KEY)) settleRepeats(record);
  return filling.error;
}

/** Where the value of a field stands in the text. */
interface Span {
  readonly field: number;
  readonly start: number;
  readonly end: number;
}

/** Takes one value after the other, and makes text, skeleton and fields of them. */
class Filling {
  text: string;
  skeleton: string;
  error: unknown;
  /** True when a field has the name of another one or of a bound one. */
  repeats = false;
  readonly #record: LogRecord;
  readonly #reader: ValueReader;
  readonly #attributeLimit: number;
  readonly #known: KnownKeys;
  readonly #spans: Span[] = [];
  #valueStart = 0;

  constructor(record: LogRecord, { reader, attributeLimit, events }: Intake, before: string) {
    this.#record = record;
    this.#known = events.otherKeys;
    this.#reader = reader;
    this.#attributeLimit = attributeLimit;
    this.text = this.skeleton = before;
  }

  take(given: unknown, after: string): void {
    const value = typeof given === 'function' ? this.#run(given as () => unknown) : given;
    if (this.#isFirstError(value)) this.#takeError('error', value, '');
    // A record has one exception: another error is told as a field.
    else if (isError(value)) this.#takeField('error', this.#readError(value), '');
    else if (typeof value !== 'object' || value === null || !this.#takeNamed(value)) {
      this.#show('', UNNAMED, this.#reader.read(value));
    }
    this.text += after;
    this.skeleton += after;
  }

  /** The text hides more than its values said alone: a field whose value it does not show any more is hidden as well. */
  hideWith(shown: string): void {
    const { text } = this;
    let start = 0;
    while (start < shown.length && shown[start] === text[start]) start++;
    let tail = 0;
    while (tail < shown.length - start && shown.at(-1 - tail) === text.at(-1 - tail)) tail++;
    const between = shown.slice(start, shown.length - tail).replace(MARKS, '');
    for (const span of this.#spans) {
      if (span.end <= start || span.start >= text.length - tail) continue;
      const value = this.#record.fieldValues[span.field] as Value;
      const isShown = span.end - span.start >= LEAST_TELLING && between.includes(text.slice(span.start, span.end));
      if (!isShown) this.#record.fieldValues[span.field] = this.#reader.policy.hide(HIDDEN_BY_TEXT, value);
    }
  }

  /** The fields of an object literal; false for any other object, and for an empty one. */
  #takeNamed(object: object): boolean {
    const { policy } = this.#reader;
    const known = this.#known;
    const { fieldCount } = this.#record;
    const { text, skeleton } = this;
    const spans = this.#spans.length;
    try {
      if (!isPlain(object)) return false;
      const keys = Object.keys(object);
      if (keys.length > this.#attributeLimit) return this.#takeGuarded(object);
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i] as string;
        const value = (object as Record<string, unknown>)[key];
        const { shown, hides } = policy.key(key);
        if (shown !== key || key.length > LONGEST_PLAIN_KEY) throw new RangeError('a key that must be changed');
        const label = labelOf(key, i, keys.length);
        if ((key === 'err' || key === 'error') && this.#isFirstError(value)) this.#takeError(key, value, label);
        else {
          const name = known.nameOf(key);
          known.nameRule?.see(name);
          const read = this.#reader.readUnder(key, known.hidesUnder(name, hides), value);
          this.#takeField(name, read, label);
        }
      }
      return keys.length > 0;
    } catch {
      // A getter or a proxy threw, or a key must be changed: all is read again, each field with a guard of its own.
      this.#record.fieldCount = fieldCount;
      this.text = text;
      this.skeleton = skeleton;
      this.#spans.length = spans;
      return this.#takeGuarded(object);
    }
  }

  #takeGuarded(object: object): boolean {
    const read = this.#reader.readFields(object);
    // What could not be read has no names, and says why as a value.
    if (!(read instanceof ValueMap)) return false;
    for (const [i, [key, value]] of namedEntries(this.#reader, this.#known, object, read).entries()) {
      this.#takeField(key, value, labelOf(key, i, read.size));
    }
    return read.size > 0;
  }

  #takeField(key: string, value: Value, label: string): void {
    const record = this.#record;
    this.repeats ||= key === '' || fieldIndex(record, key) !== -1 || isBound(record, key);
    const field = record.fieldCount;
    appendField(record, key, value);
    this.#show(label, `{${key}}`, value);
    this.#spans.push({ field, start: this.#valueStart, end: this.text.length });
  }

  #isFirstError(value: unknown): value is Error {
    return (this.error === undefined || this.error === value) && isError(value);
  }

  #readError(error: Error): Value {
    return this.#reader.readUnder('error', this.#reader.policy.key('error').hides, error);
  }

  #takeError(key: string, error: Error, label: string): void {
    this.error = error;
    this.#show(label, `{${key}}`, this.#reader.text(safeMessage(error)));
  }

  #show(label: string, name: string, value: Value): void {
    this.text += label;
    this.#valueStart = this.text.length;
    this.text += valueText(value);
    this.skeleton += label + name;
  }

  /** A function among the values runs now, when it is known that the record is kept (R2.3). */
  #run(thunk: () => unknown): unknown {
    try {
      const value = thunk();
      if (!types.isPromise(value)) return value;
      this.#complain('a function in a template must return its value, got a promise');
      // Nobody else holds it: what it rejects with would end the process.
      void Promise.prototype.catch.call(value, () => undefined);
      return '[Promise]';
    } catch (error) {
      this.#complain(`a function in a template threw: ${safeMessage(error)}`);
      return '[Throws]';
    }
  }

  #complain(problem: string): void {
    addProblem(this.#record, this.#reader.text(problem));
  }
}

/** Several values of one object stand as `a=1 b=2`. */
function labelOf(key: string, index: number, count: number): string {
  if (count === 1) return '';
  return index === 0 ? `${key}=` : ` ${key}=`;
}

function isBound({ bound }: LogRecord, key: string): boolean {
  for (let i = 0; i < bound.length; i++) if (bound[i]?.has.has(key) === true) return true;
  return false;
}

function valueText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof Varied) return valueText(shownToAll(value));
  const error = errorInField(value);
  if (error === undefined) return jsonValue(value);
  return `${valueText(error.rest.get('type') ?? 'Error')}: ${valueText(error.rest.get('message') ?? '')}`;
}

/** The text is one for all destinations: what only some of them may see does not stand in it. */
function shownToAll({ views, hidden }: Varied): Value {
  const [first] = views;
  return first === undefined || first === DROPPED || views.some((view) => view !== first) ? hidden : first;
}

interface Skeleton {
  readonly given: string;
  readonly shown: string;
  readonly policy: ValuePolicy;
}

/** Skeletons by their place in the source, judged once. Only frozen ones, which JavaScript makes: others may change. */
const skeletons = new WeakMap<TemplateStringsArray, Skeleton>();

/** The skeleton, redacted: what stands in the source may hold a secret too. */
function shownSkeleton(strings: TemplateStringsArray, given: string, reader: ValueReader): string {
  const { policy } = reader;
  const known = skeletons.get(strings);
  if (known?.given === given && known.policy === policy) return known.shown;
  const shown = reader.text(given);
  if (Object.isFrozen(strings)) skeletons.set(strings, { given, shown, policy });
  return shown;
}
