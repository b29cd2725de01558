import { parseLevel, SEVERITY, SEVERITY_OFF, severityText, VALID_LEVELS } from './core/level.ts';
import type { Level } from './core/level.ts';
import type { Scope } from './core/record.ts';
import type { Hub } from './logger/hub.ts';
import type { Levels } from './logger/level-table.ts';

/** Who changed a level, as the record of it says. */
export type ChangedBy = 'api' | 'signal' | 'file' | 'expiry';

/** The longest time a timer can wait; a longer expiry is as good as none. */
const MAX_TIMER_MS = 2_147_483_647;

/** A level set for a time, and the override that it returns to. */
interface Expiry {
  readonly timer: NodeJS.Timeout;
  readonly before: number | undefined;
}

/**
 * Changes levels while the process runs. Each change is a record of its own, `level_changed` by the logger `spanlog`, at
 * INFO whatever the levels are: whoever reads the log later must know why it grew.
 */
export class LevelControl {
  readonly #hub: Hub;
  readonly #expiries = new Map<string, Expiry>();
  /** What the signal found when it set DEBUG; undefined when it did not, or something else was set since. */
  #signalled: { readonly before: number | undefined } | undefined;
  #scope: Scope | undefined;
  /** True once nothing is delivered any more: levels still change, the record of it would be a loss. */
  isSilent = false;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  /**
   * Sets the level of a name prefix, the empty one for all; `undefined` returns to what is configured.
   *
   * @throws TypeError when the prefix is no text, the level is unknown or `forMs` is no time
   */
  set(prefix: string, level: Level | undefined, forMs: number | undefined): void {
    if (typeof prefix !== 'string') {
      throw new TypeError(`setLevel needs a logger's name or the beginning of one, '' for all, got ${typeof prefix}`);
    }
    const severity = level === undefined ? undefined : parseLevel(level);
    if (level !== undefined && severity === undefined) {
      throw new TypeError(`unknown level ${JSON.stringify(level)}: use one of ${VALID_LEVELS}`);
    }
    if (forMs !== undefined && !(typeof forMs === 'number' && forMs > 0)) {
      throw new TypeError(`forMs must be a number of milliseconds above 0, got ${String(forMs)}`);
    }
    this.#override(prefix, severity, 'api', forMs);
  }

  /** DEBUG for all, and back at the second call or after `forMs`. */
  toggleDebug(forMs: number | undefined): void {
    const signalled = this.#signalled;
    if (signalled !== undefined) {
      this.#override('', signalled.before, 'signal');
      return;
    }
    const expiring = this.#expiries.get('');
    const before = expiring === undefined ? this.#hub.levels.overrideOf('') : expiring.before;
    this.#override('', SEVERITY.debug, 'signal', forMs);
    this.#signalled = { before };
  }

  /** Replaces the configured levels by those that the file says now; what was set at run time stays above them. */
  follow(levels: Levels, before: Levels): void {
    const prefixes = new Set(['', ...before.levels.keys(), ...levels.levels.keys()]);
    this.#change([...prefixes], 'file', undefined, () => this.#hub.levels.configure(levels));
  }

  #override(prefix: string, severity: number | undefined, by: ChangedBy, forMs?: number): void {
    const { levels } = this.#hub;
    const expiring = this.#expiries.get(prefix);
    const before = expiring === undefined ? levels.overrideOf(prefix) : expiring.before;
    clearTimeout(expiring?.timer);
    this.#expiries.delete(prefix);
    if (prefix === '') this.#signalled = undefined;
    const lasts = forMs !== undefined && forMs <= MAX_TIMER_MS ? forMs : undefined;
    this.#change([prefix], by, lasts, () => levels.override(prefix, severity));
    if (lasts === undefined) return;
    const timer = setTimeout(() => this.#override(prefix, before, 'expiry'), lasts).unref();
    this.#expiries.set(prefix, { timer, before });
  }

  /** Does it, and logs which of the prefixes have another level since. */
  #change(prefixes: readonly string[], by: ChangedBy, forMs: number | undefined, change: () => void): void {
    const { levels } = this.#hub;
    const before = prefixes.map((prefix) => levels.thresholdOf(prefix));
    change();
    if (this.isSilent) return;
    this.#scope ??= this.#hub.createScope('spanlog');
    for (const [i, prefix] of prefixes.entries()) {
      const from = before[i] ?? 0;
      const to = levels.thresholdOf(prefix);
      if (from === to) continue;
      const fields = { prefix, from: nameOf(from), to: nameOf(to), ...(forMs !== undefined && { for_ms: forMs }), by };
      this.#hub.log(this.#scope, undefined, SEVERITY.info, 'level_changed', fields, undefined);
    }
  }
}

function nameOf(severity: number): string {
  if (severity >= SEVERITY_OFF) return 'off';
  return severity === 0 ? 'all' : severityText(severity).toLowerCase();
}
