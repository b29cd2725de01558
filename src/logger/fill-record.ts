import { types } from 'node:util';
import type { KnownKeys } from '../core/event-names.ts';
import type { Intake } from '../core/intake.ts';
import type { LogRecord } from '../core/record.ts';
import { appendField, fieldIndex } from '../core/record.ts';
import { limitFields, settleRepeats } from '../core/record-fields.ts';
import type { ValueReader } from '../core/read-value.ts';
import type { Value } from '../core/value.ts';
import type { Bound } from './bound-fields.ts';
import { addException, safeMessage } from './exception.ts';
import { addProblem, fieldEntries, isError, isPlain, PROBLEM_KEY } from './fields.ts';
import { markedBody } from './marked-fields.ts';
import { fillTemplate, TemplateCall } from './template.ts';

/** In the event's place where whoever calls sets the body: a bridge. */
export const NO_EVENT: unique symbol = Symbol('no event');

/**
 * Fills a record from what a log call was given: the event, the fields of context, child and call, and the error.
 *
 * An Error may come third, second, first, or as a field named `err` or `error`; it becomes `exception.*`, which the limit
 * on attributes never leaves out.
 */
export function fillRecord(
  record: LogRecord,
  intake: Intake,
  context: Bound | undefined,
  child: Bound | undefined,
  event: unknown,
  fields: unknown,
  error: unknown,
): void {
  const { reader } = intake;
  reader.begin();
  record.error = undefined;
  bind(record, context, child);
  let given = fields;
  let thrown = error;
  let known = intake.events.otherKeys;
  if (typeof given === 'function') given = runThunk(record, reader, given as () => unknown);
  if (typeof event === 'string') {
    known = setEvent(record, intake, event);
  } else if (TemplateCall.is(event)) {
    thrown = fillTemplate(record, intake, event);
  } else if (event === NO_EVENT) {
    known = intake.events.bridgedKeysOf(record.eventName);
    record.body = null;
  } else if (isError(event)) {
    thrown ??= event;
    record.body = reader.readBody(safeMessage(event) || 'error');
  } else {
    given = setForeignEvent(record, intake, event, given);
  }
  if (given !== undefined) {
    const found = addFields(record, intake, known, given);
    if (found !== undefined && thrown !== undefined && thrown !== null && found !== thrown) {
      addOtherError(record, reader, found);
    }
    thrown ??= found;
  }
  if (thrown !== undefined && thrown !== null) {
    // With a budget of its own: a huge field must not cost the reason of the failure.
    reader.begin();
    addException(record, intake, thrown);
  }
  if (context !== undefined) record.droppedAttributes += context.dropped;
  if (child !== undefined) record.droppedAttributes += child.dropped;
  limitFields(record, intake.attributeLimit);
  if (known.check !== undefined && event !== NO_EVENT) known.check.see(record);
}

/**
 * Fills a record without touching what it was given, but for a text: it was logged by code that runs while records are
 * read, too many of them inside one another.
 */
export function fillUnread(
  record: LogRecord,
  { reader }: Intake,
  context: Bound | undefined,
  child: Bound | undefined,
  event: unknown,
): void {
  reader.begin();
  bind(record, context, child);
  const text = TemplateCall.is(event) ? event.literals : event;
  record.body = typeof text === 'string' ? reader.readBody(text) : '';
  addProblem(record, 'logged by a getter or toJSON of what was being logged, time and again: not read');
  settleRepeats(record);
}

/** Keys up to this length are taken as they are. */
const LONGEST_PLAIN_KEY = 256;

/** Context fields first, then the child's. Where a key stands in both, the child's wins and the pair is merged. */
function bind(record: LogRecord, context: Bound | undefined, child: Bound | undefined): void {
  if (context === undefined && child === undefined) return;
  if (context === undefined) record.bound = [child as Bound];
  else if (child === undefined) record.bound = [context];
  else if (!context.overlaps(child)) record.bound = [context, child];
  else {
    for (let i = 0; i < context.keys.length; i++) {
      const key = context.keys[i] as string;
      if (!child.has.has(key)) {
        appendField(record, key, context.values[i] as Value);
      }
    }
    record.bound = [child];
  }
}

/** Returns the keys that records of this event have. */
function setEvent(record: LogRecord, { events, reader }: Intake, event: string): KnownKeys {
  const known = events.keysOf(event);
  if (known !== undefined) {
    record.body = record.eventName = event;
    if (!record.isHeld) events.count(event, known, record.scope);
    return known;
  }
  const shown = reader.readBody(event);
  record.body = shown;
  if (event === '') addProblem(record, 'the event is missing: the first argument is its name, got an empty text');
  if (typeof shown === 'string' && events.judge(event, shown)) record.eventName = shown;
  return events.keysOf(event) ?? events.otherKeys;
}

/** The name that a bridge gave the event, as it may be shown; counted like those of our own loggers. */
export function readEventName({ scope, isHeld }: LogRecord, { events, reader }: Intake, name: string): string {
  if (name === '') return '';
  const known = events.keysOf(name);
  if (known !== undefined) {
    if (!isHeld) events.count(name, known, scope);
    return name;
  }
  const shown = reader.readBody(name);
  if (typeof shown !== 'string') return '';
  events.judge(name, shown);
  return shown;
}

/** The first argument is neither text nor error: pino's `(fields, message)`, or a mistake that is said in the record. */
function setForeignEvent(record: LogRecord, intake: Intake, event: unknown, fields: unknown): unknown {
  if (isList(event)) {
    record.body = intake.reader.readBody(event);
    addProblem(
      record,
      'the event must be a text, got an array: a template stands right behind the method, as in log.info`text`',
    );
    return fields;
  }
  if (typeof event === 'object' && event !== null && (fields === undefined || typeof fields === 'string')) {
    if (typeof fields === 'string') {
      setEvent(record, intake, fields);
    } else {
      record.body = '';
      addProblem(record, 'the event is missing: the first argument is its name, the second its fields');
    }
    return event;
  }
  const { events, reader } = intake;
  record.body = event === undefined ? '' : reader.readBody(markedBody(events.otherKeys.classes, event));
  addProblem(record, `the event must be a text, got ${event === null ? 'null' : typeof event}`);
  return fields;
}

/** `Array.isArray`, which throws on a revoked proxy. */
function isList(value: unknown): boolean {
  try {
    return Array.isArray(value);
  } catch {
    // What can't be asked is read as a value, whose reader knows what to say of it.
    return false;
  }
}

function runThunk(record: LogRecord, reader: ValueReader, thunk: () => unknown): unknown {
  try {
    const fields = thunk();
    if (!types.isPromise(fields)) return fields;
    addProblem(record, 'the function that makes the fields must return them, got a promise');
    // Nobody else holds it: what it rejects with would end the process.
    void Promise.prototype.catch.call(fields, () => undefined);
    return undefined;
  } catch (error) {
    addProblem(record, reader.text(`the function that makes the fields threw: ${safeMessage(error)}`));
    return undefined;
  }
}

/**
 * Appends the fields of the call and returns the Error among them, which is no field. Plain objects are read in one
 * loop; all else takes the guarded road.
 */
function addFields(record: LogRecord, { reader, attributeLimit }: Intake, known: KnownKeys, fields: unknown): unknown {
  const { fieldKeys, fieldValues, bound } = record;
  const before = record.fieldCount;
  try {
    if (typeof fields === 'object' && fields !== null && isPlain(fields)) {
      const { policy } = reader;
      const { names } = known;
      let shadows = before > 0;
      let renames = false;
      let error: unknown;
      let at = before;
      let unread = 0;
      for (const key in fields) {
        // What someone has put on the prototype of all objects is no field. V8 knows this form: it costs nothing.
        if (!Object.prototype.hasOwnProperty.call(fields, key)) continue;
        // Past the limit on attributes none is kept, so none is read; an error and what wins over a bound field may be.
        if (at - before >= attributeLimit && key !== 'err' && key !== 'error' && !isBound(record, key)) {
          unread++;
          continue;
        }
        const value = (fields as Record<string, unknown>)[key];
        if ((key === 'err' || key === 'error') && (error === undefined || error === value) && isError(value)) {
          error = value;
          continue;
        }
        const place = at - before;
        let hides: string | undefined;
        let name = key;
        if (known.keys[place] === key) {
          hides = known.hides[place];
          if (names !== undefined) name = names[place] as string;
        } else {
          const verdict = policy.key(key);
          // Keys that are cut, or hidden in part, may end up equal: the guarded road tells them apart.
          if (verdict.shown !== key || key.length > LONGEST_PLAIN_KEY) return addGuarded(record, reader, known, fields);
          name = known.nameOf(key);
          hides = known.hidesUnder(name, verdict.hides);
          known.nameRule?.see(name);
          known.remember(place, key, hides, name);
        }
        fieldValues[at] = reader.readUnder(key, hides, value);
        fieldKeys[at++] = name;
        shadows ||= key === '';
        renames ||= name !== key;
        for (let i = 0; i < bound.length; i++) shadows ||= (bound[i] as Bound).has.has(name);
      }
      record.fieldCount = at;
      record.droppedAttributes += unread;
      if (shadows || (renames && repeats(fieldKeys, before, at))) {
        joinProblems(record, before);
        settleRepeats(record);
      }
      return error;
    }
  } catch {
    // A getter or a proxy threw: what was read so far is read again below, each field with a guard of its own.
  }
  // Here and not before: asking each literal whether it is an error costs as much as reading a field of it.
  return isError(fields) ? fields : addGuarded(record, reader, known, fields);
}

/** A record has one exception. Another error that its fields hold is told as a field. */
function addOtherError(record: LogRecord, reader: ValueReader, error: unknown): void {
  const key = fieldIndex(record, 'error') === -1 ? 'error' : 'err';
  appendField(record, key, reader.readUnder(key, reader.policy.key(key).hides, error));
  settleRepeats(record);
}

function isBound({ bound }: LogRecord, key: string): boolean {
  return bound.some((fields) => fields.has.has(key));
}

/** True when a name stands twice in a part of the keys: a field was given the name of another one. */
function repeats(keys: readonly string[], from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) if (keys.lastIndexOf(keys[i] as string, i - 1) >= from) return true;
  return false;
}

/** What the fields say is wrong with them comes after what was wrong with the event, not in its place. */
function joinProblems(record: LogRecord, before: number): void {
  const first = fieldIndex(record, PROBLEM_KEY);
  const second = record.fieldKeys.indexOf(PROBLEM_KEY, before);
  if (first === -1 || first >= before || second === -1 || second >= record.fieldCount) return;
  const problems = [record.fieldValues[first], record.fieldValues[second]];
  if (problems.every((problem) => typeof problem === 'string')) record.fieldValues[second] = problems.join('; ');
}

/** Any fields whatever, each with a guard of its own. */
function addGuarded(record: LogRecord, reader: ValueReader, known: KnownKeys, fields: unknown): unknown {
  for (const [key, value] of fieldEntries(reader, known, fields)) {
    if (key === PROBLEM_KEY && typeof value === 'string') addProblem(record, value);
    else appendField(record, key, value);
  }
  const named = errorIn(fields, 'err') ?? errorIn(fields, 'error');
  if (named !== undefined) removeField(record, named.key);
  settleRepeats(record);
  return named?.error;
}

/** What stands under `key`, when it is an Error. */
function errorIn(fields: unknown, key: string): { readonly key: string; readonly error: Error } | undefined {
  if (typeof fields !== 'object' || fields === null) return undefined;
  try {
    const error = (fields as Record<string, unknown>)[key];
    return isError(error) ? { key, error } : undefined;
  } catch {
    // A throwing getter: the field's place already says so.
    return undefined;
  }
}

function removeField(record: LogRecord, key: string): void {
  const at = fieldIndex(record, key);
  if (at === -1) return;
  record.fieldKeys.splice(at, 1);
  record.fieldValues.splice(at, 1);
  record.fieldCount--;
}
