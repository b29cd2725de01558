import type { LevelName } from './level.ts';

/**
 * What an event catalogue says, as `defineEvents` leaves it: checked, with every shorthand written out. The composition
 * root hands it to those who go by it: field classes, run-time checks, retention, audit.
 */

/** What a field holds, as it is written in a declaration. */
export const FIELD_TYPES = ['string', 'number', 'integer', 'boolean', 'timestamp', 'object', 'unknown'] as const;

export type ScalarType = (typeof FIELD_TYPES)[number];
/** `string[]` is a list of texts. */
export type FieldType = ScalarType | `${ScalarType}[]`;

export interface DeclaredField {
  /** A list is a choice: one of these texts. */
  readonly type: FieldType | readonly string[];
  /** The data class, such as `pii`: what it holds is hidden under this kind. */
  readonly class: string | undefined;
  readonly optional: boolean;
  readonly description: string | undefined;
}

export interface DeclaredEvent {
  readonly name: string;
  readonly level: LevelName;
  readonly description: string | undefined;
  /** Whom to ask. */
  readonly owner: string | undefined;
  /** The retention class: how long backends are to keep it, by a word that they know. */
  readonly retention: string | undefined;
  /** Its records go to the audit stream. */
  readonly audit: boolean;
  readonly fields: ReadonlyMap<string, DeclaredField>;
}

/** Events by name. */
export type DeclaredEvents = ReadonlyMap<string, DeclaredEvent>;

const BRAND: unique symbol = Symbol.for('spanlog.catalogue') as typeof BRAND;

/** What `register({ catalogue })` takes; `defineEvents` and `mergeEvents` make it. */
export class EventCatalogue {
  /** Known by a registered symbol, so that one made by another copy of the package is accepted too. */
  readonly [BRAND] = true;
  readonly declared: DeclaredEvents;
  /** True once `register` goes by it: from then on its classes hold for every call, whoever makes it. */
  isInForce = false;

  constructor(declared: DeclaredEvents) {
    this.declared = declared;
  }
}

/** True for a catalogue made by any copy of this package; never throws. */
export function isCatalogue(value: unknown): value is EventCatalogue {
  try {
    return typeof value === 'object' && value !== null && BRAND in value;
  } catch {
    // A proxy that won't say is none.
    return false;
  }
}

/**
 * All events of several catalogues. Of two declarations of one event the first holds, but a class that any of them gives
 * to a field stays: in doubt it is hidden.
 */
export function joinDeclared(all: Iterable<DeclaredEvents>): {
  readonly declared: DeclaredEvents;
  /** Events that were declared twice, and differently. */
  readonly conflicts: readonly string[];
} {
  const declared = new Map<string, DeclaredEvent>();
  const conflicts = new Set<string>();
  for (const events of all) {
    for (const [name, event] of events) {
      const first = declared.get(name);
      if (first === undefined) {
        declared.set(name, event);
      } else if (first !== event && textOf(first) !== textOf(event)) {
        conflicts.add(name);
        declared.set(name, { ...first, fields: classified(first.fields, event.fields) });
      }
    }
  }
  return { declared, conflicts: [...conflicts] };
}

function textOf(event: DeclaredEvent): string {
  return JSON.stringify({ ...event, fields: [...event.fields].sort(([a], [b]) => (a < b ? -1 : 1)) });
}

function classified(
  fields: DeclaredEvent['fields'],
  others: DeclaredEvent['fields'],
): ReadonlyMap<string, DeclaredField> {
  const joined = new Map(fields);
  for (const [name, other] of others) {
    const field = fields.get(name);
    if (field === undefined) joined.set(name, { ...other, optional: true });
    else if (field.class === undefined && other.class !== undefined) joined.set(name, { ...field, class: other.class });
  }
  return joined;
}

/** The class of each field name that any event classifies; `secret` wins over others, then the first. */
export function fieldClasses(declared: DeclaredEvents): ReadonlyMap<string, string> {
  const classes = new Map<string, string>();
  for (const { fields } of declared.values()) {
    for (const [name, field] of fields) {
      if (field.class !== undefined && (field.class === 'secret' || !classes.has(name))) classes.set(name, field.class);
    }
  }
  return classes;
}
