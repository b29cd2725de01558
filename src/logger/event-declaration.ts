import type { Classified } from '../core/classified.ts';
import type { FieldType, ScalarType } from '../core/event-catalogue.ts';
import type { LevelName } from '../core/level.ts';

/** One field of an event: its type alone, or with what else is to be said of it. */
export type FieldDeclaration = FieldType | Choice | FieldOptions;

/** One of a few words: `['declined', 'timeout']`. */
export type Choice = readonly [string, ...string[]];

export interface FieldOptions {
  readonly type: FieldType | Choice;
  readonly description?: string;
  /** The data class: `secret`, `pii`, or a word of your own. What the field holds is hidden under it. */
  readonly class?: string;
  /** It may be left out. Default: false. */
  readonly optional?: boolean;
}

/** One event of a catalogue. */
export interface EventDeclaration {
  readonly level: LevelName;
  /** What has happened when it is logged, for whoever reads it at night. */
  readonly description?: string;
  /** Whom to ask: a team. */
  readonly owner?: string;
  /** The retention class: a word that the backend's rules know. */
  readonly retention?: string;
  /** Its records go to the audit stream. Default: false. */
  readonly audit?: boolean;
  /** Fields by name. */
  readonly fields?: Readonly<Record<string, FieldDeclaration>>;
}

export type EventDeclarations = Readonly<Record<string, EventDeclaration>>;

/** What each type takes at a call. */
interface Scalars {
  string: string;
  number: number;
  integer: number | bigint;
  boolean: boolean;
  timestamp: Date | string;
  object: object;
  unknown: unknown;
}

type TypeOf<D> = D extends { readonly type: infer T } ? T : D;

type ScalarValue<T> = T extends ScalarType ? Scalars[T] : never;

type PlainValue<T> = T extends readonly (infer Word)[]
  ? Word
  : T extends `${infer Element extends ScalarType}[]`
    ? readonly ScalarValue<Element>[]
    : ScalarValue<T>;

/** A value may also come marked, as `secret(value)` or `pii(value)`. */
type ValueOf<D> = PlainValue<TypeOf<D>> | Classified<PlainValue<TypeOf<D>>>;

type FieldsOf<E> = E extends { readonly fields: infer F } ? F : object;

type OptionalNames<F> = { [K in keyof F]: F[K] extends { readonly optional: true } ? K : never }[keyof F];

/** The names of a logger's own fields that fit the event: others have to be given again. */
type BoundNames<E, Bound> = {
  [K in keyof Bound & keyof FieldsOf<E>]: Bound[K] extends ValueOf<FieldsOf<E>[K]> ? K : never;
}[keyof Bound & keyof FieldsOf<E>];

/** A text and a list are no fields, even where all may be left out. */
interface NoList {
  readonly [Symbol.iterator]?: never;
}

/** The fields of a call that logs this event; those in `Bound` its logger has already. */
export type EventFields<E, Bound extends object = object> = {
  readonly [K in Exclude<keyof FieldsOf<E>, OptionalNames<FieldsOf<E>> | BoundNames<E, Bound>>]: ValueOf<
    FieldsOf<E>[K]
  >;
} & {
  readonly [K in Extract<keyof FieldsOf<E>, OptionalNames<FieldsOf<E>> | BoundNames<E, Bound>>]?:
    ValueOf<FieldsOf<E>[K]> | undefined;
} & NoList;

/** What follows the event's name: its fields, or a function that makes them when the record is kept, and an error. */
export type EmitArguments<E, Bound extends object = object> = keyof FieldsOf<E> extends never
  ? [fields?: Readonly<Record<string, never>> | undefined, error?: unknown]
  : object extends EventFields<E, Bound>
    ? [fields?: EventFields<E, Bound> | (() => EventFields<E, Bound>), error?: unknown]
    : [fields: EventFields<E, Bound> | (() => EventFields<E, Bound>), error?: unknown];
