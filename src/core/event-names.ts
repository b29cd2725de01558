import type { DeclaredEvents } from './event-catalogue.ts';
import { fieldClasses } from './event-catalogue.ts';
import type { EventCheck, EventChecks } from './event-check.ts';
import type { FieldNames } from './field-names.ts';
import type { Scope } from './record.ts';
import { classKind } from './value-policy.ts';

export const EVENT_NAME = /^[A-Za-z][\w.-]{0,63}$/;
const MAX_KNOWN = 1_024;
/** Keys remembered by their place in an event. */
const MAX_KEYS = 16;
/** A longer key is data. */
const MAX_KEY_LENGTH = 128;

/** Who is told how often events are logged. */
export interface EventRounds {
  /** Records of one event that make a round. */
  readonly size: number;
  /** Any clock, ms. */
  readonly nowMs: () => number;
  /** A round is full: `size` records of the event came since `event.sinceMs`. Must not throw. */
  readonly end: (name: string, event: KnownKeys, scope: Scope) => void;
}

/** What holds for the fields of all records. */
export interface FieldRules {
  /** By the name that a field was given: the one that it has in the record. */
  readonly renames?: ReadonlyMap<string, string> | undefined;
  readonly declared?: DeclaredEvents | undefined;
  readonly checks?: EventChecks | undefined;
  readonly names?: FieldNames | undefined;
}

/**
 * The first keys of the last record of one event that are shown as they are, and the kinds under which their values are
 * hidden. Its next record has the same keys most often, and comparing one costs a third of looking it up.
 */
export class KnownKeys {
  readonly keys: string[] = [];
  readonly hides: (string | undefined)[] = [];
  /** Records until its round is full. The first one begins a round. */
  left = 1;
  /** When its round began. */
  sinceMs = -Infinity;
  /** When it was last told of. */
  toldMs = -Infinity;
  /** What `keys` are called in the record; undefined when nothing is renamed. */
  readonly names: string[] | undefined;
  readonly renames: ReadonlyMap<string, string> | undefined;
  /** The data classes of fields, by name in the record. */
  readonly classes: ReadonlyMap<string, string> | undefined;
  /** Looks at records of this event, where that is wanted. */
  readonly check: EventCheck | undefined;
  /** Looks at names that are new here. */
  readonly nameRule: FieldNames | undefined;

  constructor(rules: Partial<Pick<KnownKeys, 'renames' | 'classes' | 'check' | 'nameRule'>> = {}) {
    this.renames = rules.renames;
    this.names = rules.renames === undefined ? undefined : [];
    this.classes = rules.classes;
    this.check = rules.check;
    this.nameRule = rules.nameRule;
  }

  /** What a field is called in the record. */
  nameOf(key: string): string {
    return this.renames?.get(key) ?? key;
  }

  /** The kind under which the field is hidden: its class, and what its key says, given as `byKey`. */
  hidesUnder(name: string, byKey: string | undefined): string | undefined {
    const known = this.classes?.get(name);
    return known === undefined ? byKey : classKind(known, byKey);
  }

  remember(place: number, key: string, hides: string | undefined, name: string): void {
    if (place >= MAX_KEYS || key.length > MAX_KEY_LENGTH) return;
    this.keys[place] = key;
    this.hides[place] = hides;
    if (this.names !== undefined) this.names[place] = name;
  }
}

/**
 * Which texts are names of events. Log calls repeat a handful of literals, so those that were judged and shown as they
 * are need neither the pattern nor the redaction rules again. One per set of rules; only harmless names are kept.
 *
 * With an event catalogue it also knows what is declared: a field has the class that its event's declaration gives it, and
 * one that this declaration does not name has the class that any event gives to a field of its name.
 */
export class EventNames {
  /** Keys of all that has no known name. */
  readonly otherKeys: KnownKeys;
  /** Keys of what bridges bring and nobody declares: their names are not ours to mend. */
  readonly bridgedKeys: KnownKeys;
  readonly #rules: FieldRules;
  readonly #classes: ReadonlyMap<string, string> | undefined;
  readonly #known = new Map<string, KnownKeys>();
  /** Is told how often each name is logged. */
  rounds: EventRounds | undefined;

  constructor(rules: FieldRules = {}) {
    this.#rules = rules;
    const { renames, names: nameRule } = rules;
    const classes = rules.declared === undefined ? undefined : underNewNames(fieldClasses(rules.declared), renames);
    this.#classes = classes === undefined || classes.size === 0 ? undefined : classes;
    this.otherKeys = new KnownKeys({ renames, classes: this.#classes, nameRule });
    this.bridgedKeys = new KnownKeys({ renames, classes: this.#classes });
    // Before their first record: a field must not be shown because its event is new. Names that are declared are code.
    for (const name of rules.declared?.keys() ?? []) this.#known.set(name, this.#create(name));
  }

  /** True for a name that these rules have shown unchanged before. */
  knows(text: string): boolean {
    return this.#known.has(text);
  }

  /** The keys of a name that these rules have shown unchanged before, or `undefined`. */
  keysOf(text: string): KnownKeys | undefined {
    return this.#known.get(text);
  }

  /** The keys of a record that a bridge brings. */
  bridgedKeysOf(event: string): KnownKeys {
    const isDeclared = event !== '' && this.#rules.declared?.has(event) === true;
    return (isDeclared ? this.#known.get(event) : undefined) ?? this.bridgedKeys;
  }

  /** True when `shown` is a name; `given` is what it was before redaction. */
  judge(given: string, shown: string): boolean {
    if (!EVENT_NAME.test(shown)) return false;
    const isNew = given === shown && !this.#known.has(shown);
    if (isNew && this.#known.size < MAX_KNOWN) this.#known.set(shown, this.#create(shown));
    return true;
  }

  #create(name: string): KnownKeys {
    const { renames, declared, checks, names: nameRule } = this.#rules;
    const classes = this.#classesOf(declared?.get(name)?.fields);
    return new KnownKeys({ renames, classes, check: checks?.of(name), nameRule });
  }

  /** What the event's own declaration says goes before what others say, were it that a field has no class. */
  #classesOf(
    fields: ReadonlyMap<string, { readonly class: string | undefined }> | undefined,
  ): ReadonlyMap<string, string> | undefined {
    if (this.#classes === undefined || fields === undefined) return this.#classes;
    const classes = new Map(this.#classes);
    for (const [name, field] of fields) {
      if (field.class === undefined) classes.delete(name);
      else classes.set(name, field.class);
      const renamed = this.#rules.renames?.get(name);
      if (renamed !== undefined && field.class !== undefined && !fields.has(renamed)) classes.set(renamed, field.class);
    }
    return classes;
  }

  /** Counts one more record of a known event: a decrement, and nothing else until its round is full. */
  count(name: string, event: KnownKeys, scope: Scope): void {
    if (--event.left !== 0 || this.rounds === undefined) return;
    this.rounds.end(name, event, scope);
    event.left = this.rounds.size;
    event.sinceMs = this.rounds.nowMs();
  }
}

/** A declaration may name a field as calls do, and a body as well: a name and what the policy makes of it have one class. */
function underNewNames(
  classes: ReadonlyMap<string, string>,
  renames: ReadonlyMap<string, string> | undefined,
): ReadonlyMap<string, string> {
  const all = new Map(classes);
  for (const [given, name] of renames ?? []) {
    const known = classes.get(given);
    if (known !== undefined && (known === 'secret' || !all.has(name))) all.set(name, known);
    const renamed = all.get(name);
    if (known === undefined && renamed !== undefined) all.set(given, renamed);
  }
  return all;
}
