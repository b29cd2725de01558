import type { DeclaredEvent, DeclaredEvents } from '../core/event-catalogue.ts';
import { EventCatalogue, isCatalogue, joinDeclared } from '../core/event-catalogue.ts';
import type { LevelName } from '../core/level.ts';
import { cataloguePage } from './catalogue-page.ts';
import type { JsonSchema } from './catalogue-schema.ts';
import { catalogueSchema } from './catalogue-schema.ts';
import { readDeclarations } from './check-declarations.ts';
import type { EmitArguments, EventDeclarations } from './event-declaration.ts';
import type { Fields } from './fields.ts';
import type { Logger } from './logger.ts';
import { markedFields } from './marked-fields.ts';

/** The events of an application or a part of it, as `defineEvents` makes them. */
export interface Catalogue<Events extends EventDeclarations = EventDeclarations> extends EventCatalogue {
  /** The logger of that name, which logs the events of this catalogue. */
  getLogger(name: string): EventLogger<Events>;
  /** A page in Markdown about all events, the same for the same declarations. */
  toMarkdown(): string;
  /** A JSON Schema (draft 2020-12) of the records as JSON lines carry them. */
  toJsonSchema(): JsonSchema;
}

/**
 * A logger that knows its events: what is not declared does not compile.
 *
 * @typeParam Bound the fields that it has already, from `child`
 */
export interface EventLogger<Events extends EventDeclarations, Bound extends object = object> {
  readonly name: string;
  /**
   * Logs an event at the level of its declaration. Fields with a class are hidden, whether `register` knows the
   * catalogue or not. Never throws.
   */
  readonly emit: <Name extends keyof Events & string>(
    event: Name,
    ...fieldsAndError: EmitArguments<Events[Name], Bound>
  ) => void;
  /** One whose records all carry `fields`: an event's own need not be given again. */
  child<const F extends Fields>(fields: F): EventLogger<Events, Omit<Bound, keyof F> & F>;
  /** The same logger without the catalogue: for templates, timings and flows. */
  readonly logger: Logger;
}

type GetLogger = (name: string) => Logger;

/** The public `defineEvents`, with the loggers that its own loggers are views of. */
export function createCatalogue<Events extends EventDeclarations>(
  events: Events,
  getLogger: GetLogger,
): Catalogue<Events> {
  const { declared, problems } = readDeclarations(events);
  if (problems.length > 0) throw new TypeError(`defineEvents:\n  ${problems.join('\n  ')}`);
  return new DefinedCatalogue<Events>(declared, getLogger);
}

/** The public `mergeEvents`. */
export function mergeCatalogues(catalogues: readonly EventCatalogue[], getLogger: GetLogger): Catalogue {
  if (!catalogues.every(isCatalogue)) throw new TypeError('mergeEvents: give what defineEvents returned');
  const { declared, conflicts } = joinDeclared(catalogues.map((catalogue) => catalogue.declared));
  if (conflicts.length > 0) {
    throw new TypeError(`mergeEvents: declared twice, and differently: ${conflicts.join(', ')}`);
  }
  return new DefinedCatalogue(declared, getLogger);
}

class DefinedCatalogue<Events extends EventDeclarations> extends EventCatalogue implements Catalogue<Events> {
  readonly #getLogger: GetLogger;

  constructor(declared: DeclaredEvents, getLogger: GetLogger) {
    super(declared);
    this.#getLogger = getLogger;
  }

  getLogger(name: string): EventLogger<Events> {
    return new CatalogueLogger<Events, object>(this, this.#getLogger(name));
  }

  toMarkdown(): string {
    return cataloguePage(this.declared);
  }

  toJsonSchema(): JsonSchema {
    return catalogueSchema(this.declared);
  }
}

class CatalogueLogger<Events extends EventDeclarations, Bound extends object> implements EventLogger<Events, Bound> {
  readonly logger: Logger;
  readonly #catalogue: EventCatalogue;

  readonly emit = (event: string, fields?: unknown, error?: unknown): void => {
    const catalogue = this.#catalogue;
    const level: LevelName = catalogue.declared.get(event)?.level ?? 'info';
    // Once `register` goes by the catalogue, the classes are looked up once per event instead of at each call.
    const shown = catalogue.isInForce ? fields : marked(catalogue, event, fields);
    this.logger[level](event, shown as Fields, error);
  };

  constructor(catalogue: EventCatalogue, logger: Logger) {
    this.#catalogue = catalogue;
    this.logger = logger;
  }

  get name(): string {
    return this.logger.name;
  }

  child<const F extends Fields>(fields: F): EventLogger<Events, Omit<Bound, keyof F> & F> {
    const all = this.#catalogue.isInForce ? fields : (markedWith(allClasses(this.#catalogue), fields) as F);
    return new CatalogueLogger<Events, Omit<Bound, keyof F> & F>(this.#catalogue, this.logger.child(all));
  }
}

type Classes = readonly (readonly [name: string, kind: string])[];

/** By the fields of a declaration. */
const known = new WeakMap<DeclaredEvent['fields'], Classes>();

function classesOf(catalogue: EventCatalogue, event: string): Classes {
  const fields = catalogue.declared.get(event)?.fields;
  if (fields === undefined) return [];
  let classes = known.get(fields);
  if (classes === undefined) {
    classes = [...fields].flatMap(([name, field]) => (field.class === undefined ? [] : [[name, field.class] as const]));
    known.set(fields, classes);
  }
  return classes;
}

function allClasses(catalogue: EventCatalogue): Classes {
  return [...catalogue.declared.keys()].flatMap((event) => classesOf(catalogue, event));
}

function marked(catalogue: EventCatalogue, event: string, fields: unknown): unknown {
  const classes = classesOf(catalogue, event);
  if (classes.length === 0) return fields;
  return typeof fields === 'function'
    ? () => markedWith(classes, (fields as () => unknown)())
    : markedWith(classes, fields);
}

/** Fails closed: what can't be read says so, and nothing else. */
function markedWith(classes: Classes, fields: unknown): unknown {
  return fields === undefined || fields === null ? fields : markedFields(classes, fields);
}
