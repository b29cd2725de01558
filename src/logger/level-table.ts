import type { AuditRules } from '../core/audit-rules.ts';
import { SEVERITY, SEVERITY_OFF } from '../core/level.ts';
import type { LoggerState } from './logger.ts';

/** Levels in force: one for all, and overrides by name prefix. */
export interface Levels {
  readonly level: number;
  readonly levels: ReadonlyMap<string, number>;
}

/**
 * Which level holds for which logger. A prefix covers the name itself and everything below it (`checkout` covers
 * `checkout.payments`, not `checkouts`); the longest one wins.
 *
 * Bridged loggers (pino, winston, …) have been through their own library's level already. They follow overrides only:
 * registering silences nothing that logged before (R1.5).
 */
export class LevelTable {
  #base: number = SEVERITY.info;
  #prefixes: ReadonlyMap<string, number> = new Map();
  /** Overrides made at run time, above the configured ones. */
  readonly #overrides = new Map<string, number>();
  /** From where on the flight recorder takes what is below its logger's level. */
  #recorded: number = SEVERITY_OFF;
  readonly #own = new Set<LoggerState>();
  readonly #bridged = new Set<LoggerState>();
  #audit: AuditRules | undefined;
  /** Severity numbers by event; undefined when no event has a level of its own. */
  eventLevels: ReadonlyMap<string, number> | undefined;

  /** Keeps the state's levels as the table says from now on. */
  attach(state: LoggerState): void {
    this.#own.add(state);
    this.#setOwn(state);
  }

  attachBridged(state: LoggerState): void {
    this.#bridged.add(state);
    this.#set(state, this.bridgedLevelOf(state.scope.name), false);
  }

  /** Replaces the configured levels; overrides made at run time stay above them. */
  configure(levels: Levels): void {
    this.#base = levels.level;
    this.#prefixes = levels.levels;
    this.#apply();
  }

  /** Events that have a level of their own from now on, whatever their calls say. */
  setEventLevels(levels: ReadonlyMap<string, number>): void {
    this.eventLevels = levels.size === 0 ? undefined : levels;
    this.#apply();
  }

  /** The severity number that a record of this event has; SEVERITY_OFF where it is not to be logged. */
  severityOf(event: unknown, severity: number): number {
    return typeof event === 'string' ? (this.eventLevels?.get(event) ?? severity) : severity;
  }

  /** Which records no level keeps out from now on; `undefined` for none. */
  exempt(audit: AuditRules | undefined): void {
    this.#audit = audit;
    this.#apply();
  }

  /** An audit record, which passes whatever its level is. */
  isAudit(loggerName: string, event: unknown): boolean {
    return this.#audit?.has(loggerName, event) === true;
  }

  /** Events pass whose level alone would turn them away. */
  get hasAuditEvents(): boolean {
    return this.#audit?.hasEvents === true;
  }

  /** Sets the level of a prefix at run time, the empty one for all; `undefined` returns to what is configured. */
  override(prefix: string, severity: number | undefined): void {
    if (severity === undefined) this.#overrides.delete(prefix);
    else this.#overrides.set(prefix, severity);
    this.#apply();
  }

  /** From that severity on, records below the level of their logger are recorded; `undefined`: none is. */
  record(severity: number | undefined): void {
    this.#recorded = severity ?? SEVERITY_OFF;
    this.#apply();
  }

  overrideOf(prefix: string): number | undefined {
    return this.#overrides.get(prefix);
  }

  /** The level of that logger: what is logged, not what is recorded. */
  thresholdOf(name: string): number {
    if (this.#audit?.covers(name) === true) return 0;
    return this.#prefixed(name) ?? this.#overrides.get('') ?? this.#base;
  }

  /** The longest prefix that covers `name`; one that was set at run time wins over a configured one of its length. */
  #prefixed(name: string): number | undefined {
    for (let end = name.length; end > 0; end = name.lastIndexOf('.', end - 1)) {
      const prefix = name.slice(0, end);
      const severity = this.#overrides.get(prefix) ?? this.#prefixes.get(prefix);
      if (severity !== undefined) return severity;
    }
    return undefined;
  }

  #setOwn(state: LoggerState): void {
    const level = this.thresholdOf(state.scope.name);
    // A call below the level may be one of an event whose own level is above it.
    const mayRise = [...(this.eventLevels?.values() ?? [])].some((own) => own >= level && own < SEVERITY_OFF);
    this.#set(state, level, mayRise);
  }

  /** A logger that is off is not recorded either. */
  #set(state: LoggerState, level: number, mayRise: boolean): void {
    state.level = level;
    const lowest = level >= SEVERITY_OFF ? level : Math.min(level, this.#recorded);
    state.threshold = mayRise || this.hasAuditEvents ? 0 : lowest;
  }

  #apply(): void {
    for (const state of this.#own) this.#setOwn(state);
    for (const state of this.#bridged) this.#set(state, this.bridgedLevelOf(state.scope.name), false);
  }

  /** The level of a bridged logger of that name: none, unless a prefix says one. */
  bridgedLevelOf(name: string): number {
    return this.#audit?.covers(name) === true ? 0 : (this.#prefixed(name) ?? 0);
  }
}
