import type { Intake } from '../core/intake.ts';
import type { LogRecord } from '../core/record.ts';
import { appendField, fieldIndex, NO_BOUND } from '../core/record.ts';
import type { ValueReader } from '../core/read-value.ts';
import type { Value } from '../core/value.ts';
import type { Bound } from './bound-fields.ts';
import { addException, messageOf } from './exception.ts';
import { fieldEntries, isError, isPlain, PROBLEM_KEY } from './fields.ts';

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
  bind(record, context, child);
  let given = fields;
  let thrown = error;
  if (typeof given === 'function') given = runThunk(record, reader, given as () => unknown);
  if (typeof event === 'string') {
    setEvent(record, intake, event);
  } else if (isError(event)) {
    thrown ??= event;
    record.body = reader.text(messageOf(event) || 'error');
  } else {
    given = setForeignEvent(record, intake, event, given);
  }
  if (isError(given)) {
    thrown ??= given;
    given = undefined;
  }
  if (given !== undefined) {
    const found = addFields(record, reader, given);
    thrown ??= found;
  }
  if (thrown !== undefined && thrown !== null) addException(record, reader, thrown);
  const { bound } = record;
  let count = record.fieldCount;
  for (let i = 0; i < bound.length; i++) count += (bound[i] as Bound).keys.length;
  if (count > intake.attributeLimit) limit(record, count - intake.attributeLimit);
}

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

function setEvent(record: LogRecord, { events, reader }: Intake, event: string): void {
  if (events.knows(event)) {
    record.body = record.eventName = event;
    return;
  }
  const shown = reader.text(event);
  record.body = shown;
  if (events.judge(event, shown)) record.eventName = shown;
}

/** The first argument is neither text nor error: pino's `(fields, message)`, or a mistake that is said in the record. */
function setForeignEvent(record: LogRecord, intake: Intake, event: unknown, fields: unknown): unknown {
  if (typeof event === 'object' && event !== null && (fields === undefined || typeof fields === 'string')) {
    if (typeof fields === 'string') {
      setEvent(record, intake, fields);
    } else {
      record.body = '';
      appendField(record, PROBLEM_KEY, 'the event is missing: the first argument is its name, the second its fields');
    }
    return event;
  }
  record.body = event === undefined ? '' : intake.reader.read(event);
  appendField(record, PROBLEM_KEY, `the event must be a text, got ${event === null ? 'null' : typeof event}`);
  return fields;
}

function runThunk(record: LogRecord, reader: ValueReader, thunk: () => unknown): unknown {
  try {
    return thunk();
  } catch (error) {
    appendField(record, PROBLEM_KEY, reader.text(`the function that makes the fields threw: ${safeMessage(error)}`));
    return undefined;
  }
}

function safeMessage(error: unknown): string {
  try {
    return messageOf(error);
  } catch {
    // An error whose message throws: its name would be the next thing to throw.
    return 'an unreadable error';
  }
}

/**
 * Appends the fields of the call and returns the Error among them, which is no field. Plain objects are read in one
 * loop; all else takes the guarded road.
 */
function addFields(record: LogRecord, reader: ValueReader, fields: unknown): unknown {
  const { fieldKeys, fieldValues, bound } = record;
  const before = record.fieldCount;
  try {
    if (typeof fields === 'object' && fields !== null && isPlain(fields)) {
      const { policy } = reader;
      let shadows = before > 0;
      let error: unknown;
      let at = before;
      for (const key in fields) {
        const value = (fields as Record<string, unknown>)[key];
        if ((key === 'err' || key === 'error') && value instanceof Error) {
          error ??= value;
          continue;
        }
        const verdict = policy.key(key);
        const { shown } = verdict;
        fieldValues[at] = reader.readUnder(key, verdict.hides, value);
        fieldKeys[at++] = shown;
        shadows ||= shown !== key || key === '';
        for (let i = 0; i < bound.length; i++) shadows ||= (bound[i] as Bound).has.has(shown);
      }
      record.fieldCount = at;
      if (shadows) settleRepeats(record);
      return error;
    }
  } catch {
    // A getter or a proxy threw: what was read so far is read again below, each field with a guard of its own.
  }
  for (const [key, value] of fieldEntries(reader, fields)) appendField(record, key, value);
  const named = errorField(fields);
  if (named !== undefined) removeField(record, named);
  settleRepeats(record);
  return named === undefined ? undefined : (fields as Record<string, unknown>)[named];
}

/** Makes keys unique: what was given last wins, over the record's other fields and over bound ones. */
function settleRepeats(record: LogRecord): void {
  const merged = new Map<string, Value>();
  const callKeys = new Set(record.fieldKeys.slice(0, record.fieldCount));
  const repeated = record.bound.some((bound) => bound.keys.some((key) => callKeys.has(key)));
  if (repeated) {
    for (const bound of record.bound) {
      for (let i = 0; i < bound.keys.length; i++) merged.set(bound.keys[i] as string, bound.values[i] as Value);
    }
    record.bound = NO_BOUND;
  }
  for (let i = 0; i < record.fieldCount; i++) {
    const key = record.fieldKeys[i] as string;
    if (key === '') record.droppedAttributes++;
    else merged.set(key, record.fieldValues[i] as Value);
  }
  record.fieldCount = 0;
  for (const [key, value] of merged) appendField(record, key, value);
}

/** `err` or `error`, when an Error stands there. */
function errorField(fields: unknown): 'err' | 'error' | undefined {
  if (typeof fields !== 'object' || fields === null) return undefined;
  try {
    if ((fields as { err?: unknown }).err instanceof Error) return 'err';
    if ((fields as { error?: unknown }).error instanceof Error) return 'error';
  } catch {
    // A throwing getter: the field's place already says so.
  }
  return undefined;
}

function removeField(record: LogRecord, key: string): void {
  const at = fieldIndex(record, key);
  if (at !== -1) removeAt(record, at);
}

function removeAt(record: LogRecord, at: number): void {
  record.fieldKeys.splice(at, 1);
  record.fieldValues.splice(at, 1);
  record.fieldCount--;
}

/** Leaves out the last `excess` attributes of the call, but never the exception, and counts them on the record. */
function limit(record: LogRecord, excess: number): void {
  let left = excess;
  for (let i = record.fieldCount - 1; i >= 0 && left > 0; i--) {
    if ((record.fieldKeys[i] as string).startsWith('exception.')) continue;
    removeAt(record, i);
    left--;
    record.droppedAttributes++;
  }
}
