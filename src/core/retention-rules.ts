import type { DeclaredEvents } from './event-catalogue.ts';
import type { LevelName } from './level.ts';
import { levelOf } from './level.ts';

/** Retention classes by what is known of a record. */
export interface RetentionClasses {
  readonly default: string | undefined;
  readonly events: ReadonlyMap<string, string>;
  readonly loggers: ReadonlyMap<string, string>;
  readonly levels: ReadonlyMap<LevelName, string>;
}

/** Logger names whose class is remembered. */
const CACHED_LOGGERS = 4_096;

/** Which retention class a record has: by its event, else its logger's longest prefix, else its level, else the default. */
export class RetentionRules {
  readonly isActive: boolean;
  readonly #classes: RetentionClasses;
  readonly #events: ReadonlyMap<string, string>;
  readonly #loggers: readonly (readonly [prefix: string, word: string])[];
  readonly #byLogger = new Map<string, string | undefined>();

  constructor(classes: RetentionClasses, declared: DeclaredEvents | undefined) {
    this.#classes = classes;
    const events = new Map<string, string>();
    for (const { name, retention } of declared?.values() ?? []) {
      if (retention !== undefined) events.set(name, retention);
    }
    for (const [name, word] of classes.events) events.set(name, word);
    this.#events = events;
    this.#loggers = [...classes.loggers].sort((a, b) => b[0].length - a[0].length);
    this.isActive =
      events.size > 0 || this.#loggers.length > 0 || classes.levels.size > 0 || classes.default !== undefined;
  }

  of(eventName: string, loggerName: string, severity: number): string | undefined {
    return (
      this.#events.get(eventName) ??
      this.#ofLogger(loggerName) ??
      (this.#classes.levels.size > 0 ? this.#classes.levels.get(levelOf(severity)) : undefined) ??
      this.#classes.default
    );
  }

  #ofLogger(name: string): string | undefined {
    if (this.#loggers.length === 0) return undefined;
    if (this.#byLogger.has(name)) return this.#byLogger.get(name);
    const word = this.#loggers.find(([prefix]) => name === prefix || name.startsWith(`${prefix}.`))?.[1];
    if (this.#byLogger.size < CACHED_LOGGERS) this.#byLogger.set(name, word);
    return word;
  }
}
