import type { RateLimit } from '../config/rate-limit-type.ts';
import type { RateLimitSettings } from '../config/resolved-settings.ts';
import type { TimeSource } from '../core/clock.ts';
import { LEVEL_NAMES, levelOf, SEVERITY } from '../core/level.ts';
import type { LevelName } from '../core/level.ts';
import { PrefixTable } from '../core/prefix-table.ts';

/** What was held back of one kind of records. */
export interface HeldBack {
  /** Undefined: of those for which no place was left in the table. */
  readonly logger: string | undefined;
  /** Empty: messages that are no events. */
  readonly event: string;
  readonly count: number;
  readonly levels: Readonly<Partial<Record<LevelName, number>>>;
  /** The highest severity number among them. */
  readonly severity: number;
  /** Wall clock, ms since 1970. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly limit: RateLimit;
}

export interface RateLimiterParts {
  readonly settings: RateLimitSettings;
  readonly time: TimeSource;
  /** Whether the name of an event holds nothing that must be hidden, so that it may be remembered. */
  readonly isHarmless: (eventName: string) => boolean;
}

/**
 * A token bucket for each event of each logger, and for the messages of each logger and level: `burst` records may come at
 * once, and `perSecond` after that. FATAL always passes: it is the last word of a process. ERROR does not, since a storm of
 * errors is what limits are for; as each event has its own bucket, the first of each kind arrive.
 *
 * Names of events are data at times. Past `maxKeys` buckets, those that are full again are let go, for they say nothing
 * that a new one would not; where none is, the record shares the one of its level.
 */
export class RateLimiter {
  /** Called when something is held back for the first time since `drain`. */
  onFirst: () => void = () => undefined;
  readonly #rate: RateLimit | undefined;
  readonly #events: ReadonlyMap<string, RateLimit>;
  readonly #loggers: PrefixTable<RateLimit>;
  readonly #maxKeys: number;
  readonly #sweepMs: number;
  readonly #time: TimeSource;
  readonly #isHarmless: RateLimiterParts['isHarmless'];
  /** By logger, then by event; messages by their level, which can't be taken for an event. */
  readonly #buckets = new Map<string, Map<string, Bucket>>();
  /** Those of records for which there is no place in the table, by level. */
  readonly #others = new Map<string, Bucket>();
  readonly #held = new Set<Bucket>();
  #size = 0;
  #sweptMs = -Infinity;

  constructor({ settings, time, isHarmless }: RateLimiterParts) {
    this.#rate = settings.rate;
    this.#events = settings.events;
    this.#loggers = new PrefixTable(settings.loggers);
    this.#maxKeys = settings.maxKeys;
    this.#sweepMs = settings.summaryMs;
    this.#time = time;
    this.#isHarmless = isHarmless;
  }

  /** False when there is nothing to limit: then it need not be asked. */
  static limits({ rate, events, loggers }: RateLimitSettings): boolean {
    return rate !== undefined || events.size > 0 || loggers.size > 0;
  }

  /** Whether the record may pass; one that may not is remembered for `drain`. Never throws. */
  admits(logger: string, severity: number, eventName: string): boolean {
    if (severity >= SEVERITY.fatal) return true;
    const limit = this.#limitOf(logger, eventName);
    if (limit === undefined || limit.perSecond === Infinity) return true;
    const nowMs = this.#time.monotonicMs();
    const bucket = this.#buckets.get(logger)?.get(eventName) ?? this.#find(logger, severity, eventName, limit, nowMs);
    if (bucket.take(nowMs)) return true;
    bucket.hold(severity, nowMs);
    const isFirst = this.#held.size === 0;
    this.#held.add(bucket);
    if (isFirst) this.onFirst();
    return false;
  }

  /** What was held back since the last call. */
  drain(): readonly HeldBack[] {
    const toWallMs = this.#time.wallMs() - this.#time.monotonicMs();
    const held = [...this.#held].map((bucket) => bucket.drain(toWallMs));
    this.#held.clear();
    return held;
  }

  #limitOf(logger: string, eventName: string): RateLimit | undefined {
    return (
      (eventName !== '' && this.#events.size > 0 ? this.#events.get(eventName) : undefined) ??
      this.#loggers.of(logger) ??
      this.#rate
    );
  }

  #find(logger: string, severity: number, eventName: string, limit: RateLimit, nowMs: number): Bucket {
    // What the settings name is known; of all else, only what is harmless is kept.
    const isNamed = eventName !== '' && this.#events.has(eventName);
    const isOwn = isNamed || (eventName !== '' && this.#isHarmless(eventName));
    const level = ` ${levelOf(severity)}`;
    const key = isOwn ? eventName : level;
    const known = this.#buckets.get(logger)?.get(key);
    if (known !== undefined) return known;
    if (this.#size >= this.#maxKeys) this.#sweep(nowMs);
    // What has a limit of its own must not share another's because data has filled the table; it has as much room again.
    if (this.#size < (isNamed ? 2 * this.#maxKeys : this.#maxKeys)) {
      this.#size++;
      const buckets = this.#buckets.get(logger) ?? new Map<string, Bucket>();
      this.#buckets.set(logger, buckets);
      return opened(buckets, key, new Bucket(logger, isOwn ? eventName : '', limit, nowMs));
    }
    return (
      this.#others.get(level) ?? opened(this.#others, level, new Bucket(undefined, '', this.#rate ?? limit, nowMs))
    );
  }

  /** Lets go of buckets that are full again. Not at each record: it looks at all of them. */
  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptMs < this.#sweepMs) return;
    this.#sweptMs = nowMs;
    for (const [logger, buckets] of this.#buckets) {
      for (const [key, bucket] of buckets) {
        if (this.#held.has(bucket) || !bucket.isFull(nowMs)) continue;
        buckets.delete(key);
        this.#size--;
      }
      if (buckets.size === 0) this.#buckets.delete(logger);
    }
  }
}

function opened(buckets: Map<string, Bucket>, key: string, bucket: Bucket): Bucket {
  buckets.set(key, bucket);
  return bucket;
}

/** Tokens are made of fractions of a second: a sum of them that is one, but for its rounding, is one. */
const ROUNDING = 1e-9;

class Bucket {
  readonly #logger: string | undefined;
  readonly #event: string;
  readonly #limit: RateLimit;
  #tokens: number;
  #atMs: number;
  #count = 0;
  #severity = 0;
  #firstMs = 0;
  #lastMs = 0;
  readonly #levels = new Uint32Array(LEVEL_NAMES.length);

  constructor(logger: string | undefined, event: string, limit: RateLimit, nowMs: number) {
    this.#logger = logger;
    this.#event = event;
    this.#limit = limit;
    this.#tokens = limit.burst;
    this.#atMs = nowMs;
  }

  take(nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.#tokens < 1 - ROUNDING) return false;
    this.#tokens--;
    return true;
  }

  isFull(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#tokens >= this.#limit.burst;
  }

  #fill(nowMs: number): void {
    const { perSecond, burst } = this.#limit;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#atMs) * perSecond) / 1_000);
    this.#atMs = nowMs;
  }

  hold(severity: number, nowMs: number): void {
    if (this.#count++ === 0) this.#firstMs = nowMs;
    this.#lastMs = nowMs;
    if (severity > this.#severity) this.#severity = severity;
    (this.#levels[LEVEL_NAMES.indexOf(levelOf(severity))] as number)++;
  }

  drain(toWallMs: number): HeldBack {
    const levels: Partial<Record<LevelName, number>> = {};
    for (const [i, name] of LEVEL_NAMES.entries()) {
      const count = this.#levels[i] as number;
      if (count > 0) levels[name] = count;
    }
    const held = {
      logger: this.#logger,
      event: this.#event,
      count: this.#count,
      levels,
      severity: this.#severity,
      firstMs: this.#firstMs + toWallMs,
      lastMs: this.#lastMs + toWallMs,
      limit: this.#limit,
    };
    this.#count = this.#severity = 0;
    this.#levels.fill(0);
    return held;
  }
}
