import type { Diag } from './diag.ts';
import type { DeclaredEvent, DeclaredEvents, DeclaredField } from './event-catalogue.ts';
import { SEVERITY } from './level.ts';
import { attributeOf } from './record.ts';
import type { LogRecord } from './record.ts';
import type { Value } from './value.ts';
import { ValueMap, Varied } from './value.ts';

/** What the run-time check has found. */
export interface EventReport {
  /** Records by the name of an event that no catalogue declares; `…` holds those past 1,000 names. */
  readonly undeclared: Readonly<Record<string, number>>;
  /** What records of declared events said against their declaration, each once. */
  readonly problems: readonly EventProblem[];
}

export interface EventProblem {
  readonly event: string;
  /** Absent when it is about the record as a whole: its level. */
  readonly field?: string;
  readonly problem: string;
}

/** Looks at a record of one event, when its fields are read and the limits were applied. */
export interface EventCheck {
  see(record: LogRecord): void;
}

/** Of the records of one event, the first is looked at, and from then on one in so many. */
const LOOK_EVERY = 64;
const MAX_UNDECLARED = 1_000;
const MAX_PROBLEMS = 500;
const OVERFLOW = '…';
/** Lines on stderr of each kind; the rest is in the report. */
const MAX_SAID = 50;
/** A longer key is data. */
const MAX_KEY_LENGTH = 128;

/** Events that spanlog logs itself, and what each of its timings adds to the fields of any event. */
const OWN_EVENT =
  /^(?:exception|uncaught_exception|unhandled_rejection|dependency_call|state_changed|level_changed|flow_(?:started|step|completed|failed|cancelled|abandoned)|request_(?:started|completed|failed|cancelled)|spanlog\..*)$/;
const OWN_FIELD =
  /^(?:(?:exception|log|spanlog|sampling|audit)\..*|duration_ms|outcome|slow_threshold_ms|err|error|request_id)$/;

/** True for an event that spanlog logs itself: nobody declares it. */
export function isOwnEvent(name: string): boolean {
  return OWN_EVENT.test(name);
}

/** The checks of one configuration: what no catalogue declares is said once by name and counted, the rest said once. */
export class EventChecks {
  readonly #declared: DeclaredEvents;
  readonly #diag: Diag;
  readonly #undeclared = new Map<string, number>();
  readonly #problems = new Map<string, EventProblem>();

  constructor(declared: DeclaredEvents, diag: Diag) {
    this.#declared = declared;
    this.#diag = diag;
  }

  /** The check of an event; none for those that spanlog logs itself. */
  of(name: string): EventCheck | undefined {
    const event = this.#declared.get(name);
    if (event !== undefined) return new DeclaredCheck(event, (field, problem) => this.#tell(name, field, problem));
    return isOwnEvent(name) ? undefined : { see: () => this.#count(name) };
  }

  report(): EventReport {
    return { undeclared: Object.fromEntries(this.#undeclared), problems: [...this.#problems.values()] };
  }

  #count(name: string): void {
    const counted = this.#undeclared.has(name) || this.#undeclared.size < MAX_UNDECLARED ? name : OVERFLOW;
    const before = this.#undeclared.get(counted) ?? 0;
    this.#undeclared.set(counted, before + 1);
    if (before > 0) return;
    if (counted === OVERFLOW) {
      this.#say('more than 1,000 events are in no catalogue. Is data built into their names?');
    } else {
      const fix = 'declare it with defineEvents, or mend its name';
      this.#sayOne(this.#undeclared.size, `the event ${name} is in no catalogue: ${fix}`);
    }
  }

  #tell(event: string, field: string | undefined, problem: string): void {
    const key = `${event} ${field ?? ''} ${problem}`;
    if (this.#problems.has(key) || this.#problems.size >= MAX_PROBLEMS) return;
    this.#problems.set(key, { event, ...(field !== undefined && { field }), problem });
    const what = field === undefined ? '' : `, field ${field}`;
    this.#sayOne(this.#problems.size, `the event ${event}${what}: ${problem}`);
  }

  /** @param nth of its kind */
  #sayOne(nth: number, message: string): void {
    if (nth < MAX_SAID) this.#say(message);
    else if (nth === MAX_SAID) this.#say(`${message}. Further ones are in logging.eventReport() alone`);
  }

  /** What was said is known here: it must not take the place of other matters in the memory of diagnostics. */
  #say(message: string): void {
    this.#diag.warn('event', message);
    this.#diag.clear('event');
  }
}

class DeclaredCheck implements EventCheck {
  readonly #event: DeclaredEvent;
  readonly #tell: (field: string | undefined, problem: string) => void;
  #untilLook = 0;

  constructor(event: DeclaredEvent, tell: (field: string | undefined, problem: string) => void) {
    this.#event = event;
    this.#tell = tell;
  }

  see(record: LogRecord): void {
    if (this.#untilLook-- > 0) return;
    this.#untilLook = LOOK_EVERY - 1;
    const { fields, level } = this.#event;
    for (const [name, field] of fields) {
      const value = attributeOf(record, name);
      if (value === undefined || value === null) {
        // What the limit on attributes left out is not missing.
        if (!field.optional && record.droppedAttributes === 0) this.#tell(name, 'it is missing');
      } else if (field.class === undefined && !fits(value, field)) {
        this.#tell(name, `it is ${kindOf(value)}, declared as ${typeText(field)}`);
      }
    }
    for (let i = 0; i < record.fieldCount; i++) {
      const key = record.fieldKeys[i] as string;
      if (!fields.has(key) && key.length <= MAX_KEY_LENGTH && !OWN_FIELD.test(key)) {
        this.#tell(key, 'it is not declared');
      }
    }
    this.#checkLevel(record, level);
  }

  /** A failure raises the level of what is timed, slowness too, and an expected error lowers it: that is no mistake. */
  #checkLevel(record: LogRecord, level: DeclaredEvent['level']): void {
    if (record.severity >= SEVERITY[level] && record.severity < SEVERITY[level] + 4) return;
    if (attributeOf(record, 'duration_ms') !== undefined || attributeOf(record, 'exception.expected') === true) return;
    this.#tell(undefined, `it was logged at ${record.severityText}, declared as ${level.toUpperCase()}`);
  }
}

/** How a declaration is written. */
export function typeText({ type }: Pick<DeclaredField, 'type'>): string {
  return typeof type === 'string' ? type : type.map((word) => JSON.stringify(word)).join(' | ');
}

/** What redaction has put in a value's place says nothing of its type. */
const MARK = /\[REDACTED:|\[Cut/;
const TIMESTAMP = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d|$)/;

function fits(value: Value, { type }: DeclaredField): boolean {
  if (value instanceof Varied || (typeof value === 'string' && MARK.test(value))) return true;
  if (typeof type !== 'string') return typeof value === 'string' && type.includes(value);
  if (!type.endsWith('[]')) return fitsScalar(value, type);
  return Array.isArray(value) && (value as readonly Value[]).every((one) => fitsElement(one, type.slice(0, -2)));
}

function fitsElement(value: Value, type: string): boolean {
  return (typeof value === 'string' && (MARK.test(value) || value.startsWith('… '))) || fitsScalar(value, type);
}

function fitsScalar(value: Value, type: string): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'integer':
      return Number.isInteger(value) || typeof value === 'bigint';
    case 'boolean':
      return typeof value === 'boolean';
    case 'timestamp':
      return typeof value === 'string' && TIMESTAMP.test(value);
    case 'object':
      return value instanceof ValueMap;
    default:
      return true;
  }
}

function kindOf(value: Value): string {
  if (value instanceof ValueMap) return 'an object';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Uint8Array) return 'bytes';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
