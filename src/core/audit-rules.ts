import { PrefixTable } from './prefix-table.ts';

/**
 * Which records are audit records: those of named loggers, and named events of any logger. No level, sampling, limit or
 * repetition keeps them out.
 */
export class AuditRules {
  readonly #events: ReadonlySet<string>;
  readonly #loggers: PrefixTable<true>;
  /** Something can be an audit record. */
  readonly isActive: boolean;

  /**
   * @param events names of events, from every source that names some
   * @param loggers names of loggers; each covers what is below it
   */
  constructor(events: Iterable<string>, loggers: readonly string[]) {
    this.#events = new Set(events);
    this.#loggers = new PrefixTable(loggers.map((prefix) => [prefix, true]));
    this.isActive = this.#events.size > 0 || loggers.length > 0;
  }

  /** An event of any logger can be one, so that a logger's level alone can't turn a record away. */
  get hasEvents(): boolean {
    return this.#events.size > 0;
  }

  covers(loggerName: string): boolean {
    return this.#loggers.of(loggerName) === true;
  }

  has(loggerName: string, event: unknown): boolean {
    return (typeof event === 'string' && this.#events.has(event)) || this.covers(loggerName);
  }
}
