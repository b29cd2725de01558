import type { DeclaredEvents } from './event-catalogue.ts';
import type { LevelName } from './level.ts';
import { levelOf } from './level.ts';
import { PrefixTable } from './prefix-table.ts';

/** Retention classes by what is known of a record. */
export interface RetentionClasses {
  readonly default: string | undefined;
  readonly events: ReadonlyMap<string, string>;
  readonly loggers: ReadonlyMap<string, string>;
  readonly levels: ReadonlyMap<LevelName, string>;
}

/** Which retention class a record has: by its event, else its logger's longest prefix, else its level, else the default. */
export class RetentionRules {
  readonly isActive: boolean;
  readonly #classes: RetentionClasses;
  readonly #events: ReadonlyMap<string, string>;
  readonly #loggers: PrefixTable<string>;

  constructor(classes: RetentionClasses, declared: DeclaredEvents | undefined) {
    this.#classes = classes;
    const events = new Map<string, string>();
    for (const { name, retention } of declared?.values() ?? []) {
      if (retention !== undefined) events.set(name, retention);
    }
    for (const [name, word] of classes.events) events.set(name, word);
    this.#events = events;
    this.#loggers = new PrefixTable(classes.loggers);
    this.isActive =
      events.size > 0 || classes.loggers.size > 0 || classes.levels.size > 0 || classes.default !== undefined;
  }

  of(eventName: string, loggerName: string, severity: number): string | undefined {
    return (
      this.#events.get(eventName) ??
      this.#loggers.of(loggerName) ??
      (this.#classes.levels.size > 0 ? this.#classes.levels.get(levelOf(severity)) : undefined) ??
      this.#classes.default
    );
  }
}
