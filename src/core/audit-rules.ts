/** Loggers whose answer is remembered. */
const MAX_LOGGERS = 4_096;

/** The record by which the end of an audit chain is known elsewhere. It is no audit record, and is kept like one. */
export const AUDIT_ANCHOR = 'spanlog.audit_anchor';

/**
 * Which records are audit records: those of named loggers, and named events of any logger. No level, sampling, limit or
 * repetition keeps them out.
 */
export class AuditRules {
  readonly #events: ReadonlySet<string>;
  readonly #loggers: readonly string[];
  readonly #byLogger = new Map<string, boolean>();

  /**
   * @param events names of events, from every source that names some
   * @param loggers names of loggers; each covers what is below it
   */
  constructor(events: Iterable<string>, loggers: readonly string[]) {
    this.#events = new Set(events);
    this.#loggers = loggers;
  }

  /** Something can be an audit record. */
  get isActive(): boolean {
    return this.#events.size > 0 || this.#loggers.length > 0;
  }

  /** An event of any logger can be one, so that a logger's level alone can't turn a record away. */
  get hasEvents(): boolean {
    return this.#events.size > 0;
  }

  covers(loggerName: string): boolean {
    if (this.#loggers.length === 0) return false;
    const known = this.#byLogger.get(loggerName);
    if (known !== undefined) return known;
    const covers = this.#loggers.some((prefix) => loggerName === prefix || loggerName.startsWith(`${prefix}.`));
    if (this.#byLogger.size < MAX_LOGGERS) this.#byLogger.set(loggerName, covers);
    return covers;
  }

  has(loggerName: string, event: unknown): boolean {
    return (typeof event === 'string' && this.#events.has(event)) || this.covers(loggerName);
  }
}
