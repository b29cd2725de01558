import type { Disclosure } from '../core/disclosure.ts';
import type { ErrorClass } from '../core/error-rules.ts';
import type { EventCatalogue } from '../core/event-catalogue.ts';
import type { NameRule } from '../core/field-names.ts';
import type { Level } from '../core/level.ts';
import type { ReadLimits } from '../core/read-value.ts';

/** What `register` takes. Every part is optional; `docs/settings.md` lists each with its variable and default. */
export interface Options {
  service?: ServiceOptions;
  /** Lowest level that is logged, unless a prefix says otherwise. Default: info. */
  level?: Level;
  /** Levels by logger-name prefix (`checkout` covers `checkout.payments`); the longest prefix wins. */
  levels?: Record<string, Level>;
  /** A signal that sets debug for all, and sets it back when it comes again. Default: none. */
  levelSignal?: 'SIGUSR2' | 'SIGUSR1' | 'SIGWINCH' | 'SIGCONT';
  /** For how long `levelSignal` sets debug, in ms. Default: until it comes again. */
  levelSignalForMs?: number;
  /** A JSON file with settings; code and variables win over it, and its levels are followed when it changes. */
  configFile?: string;
  /** What to hide; `false` hides only what is marked `secret()` or `pii()`. Default: the core kinds. */
  redact?: false | RedactOptions;
  sample?: SampleOptions;
  /** How often one event may be logged; what is more is counted and summed up in a record. Default: a notice alone. */
  rateLimit?: RateLimitOptions;
  /** Repeats of a record become one record with their count. Default: false. */
  dedupe?: boolean | DedupeOptions;
  /** The declared events: their field classes hold for every record, whoever logs it. Default: none. */
  catalogue?: EventCatalogue | readonly EventCatalogue[];
  /** Whether what is other than the catalogue declares it is said on stderr and counted. Default: report. */
  catalogueCheck?: 'report' | 'off';
  /** What the logs are to be like. */
  policy?: PolicyOptions;
  /** Which records are audit records: nothing keeps them out. Default: none. */
  audit?: AuditOptions;
  /**
   * Holds what is below the level of its logger while its request, job or trace runs: an ERROR, a failure or a slow end lets
   * it out, a good end discards it. Default: false.
   */
  flightRecorder?: boolean | FlightRecorderOptions;
  /** Which outgoing requests carry the request id and the trace context. Default: none. */
  propagate?: PropagateOptions;
  /** Keys of the active OTel baggage that become fields of each record. Default: none. */
  baggage?: readonly string[];
  /**
   * Errors that are no news: a class, the name of one, or a `code`. They are told of without a stack and at INFO, or the
   * level that is given. Default: none.
   */
  expectedErrors?: readonly (string | ErrorClass | { error: string | ErrorClass; level?: Level })[];
  /** Where records go; see `spanlog/destinations`. Default: decided by the environment. */
  destinations?: readonly Destination[];
  limits?: Partial<Limits>;
  /**
   * What survives. `memory`: what was sent. `disk`: `kill -9` as well, except for the last `spool.windowMs`. `sync`: every
   * record whose call returned. Default: memory.
   */
  durability?: 'memory' | 'disk' | 'sync';
  /**
   * What happens when a destination holds all it may. `spill` sends what does not fit in memory to the spool; with
   * durability `disk` and `sync` it is there already, so that it is the same as `drop-lowest`. Default: drop-lowest.
   */
  onFull?: 'drop-lowest' | 'drop-oldest' | 'spill';
  /**
   * Adds `log.record.uid`, a ULID, to each record, so that a backend can drop duplicates. Default: true when anything can
   * be on disk (durability `disk` or `sync`, onFull `spill`), else false.
   */
  recordUid?: boolean;
  /** Where and how records are kept on disk. */
  spool?: SpoolOptions;
  /** Bad settings throw instead of being replaced by defaults. Default: false. */
  strict?: boolean;
  /** Replaces a LoggerProvider that is already global. Default: false. */
  takeOverGlobals?: boolean;
  /** Logs the warnings of the process at WARN. Default: true. */
  warnings?: boolean;
  /** How the console writes when `destinations` is not given. Default: pretty on a terminal, JSON lines otherwise. */
  format?: 'pretty' | 'json';
  /** Attributes of the resource beside those of `service`; they win over `OTEL_RESOURCE_ATTRIBUTES`. */
  resource?: Record<string, string | number | boolean>;
  /** What is looked up about the process: `service`, `host`, `process`, or `all`, `none`. Default: all. */
  resourceDetectors?: readonly string[];
  /** Sets no globals and exports nothing; the console stays. Default: false. */
  disabled?: boolean;
  /** Lowest level of what spanlog says about itself on stderr. Default: info. */
  diagnosticLevel?: Level;
}

export interface ServiceOptions {
  name?: string;
  version?: string;
  environment?: string;
  instanceId?: string;
  region?: string;
  worker?: string | number;
}

export interface RedactOptions {
  /** Keys to hide besides the built-in ones, at any depth and in any case style. */
  keys?: readonly string[];
  /** Places to hide: `user.address`, `items[*].card`, `*.pin`, `**.note`. */
  paths?: readonly string[];
  /** Patterns to hide in any text, besides the built-in kinds. */
  patterns?: Record<string, RegExp>;
  /** Keys that are shown although a rule would hide them. */
  except?: readonly string[];
  /** Built-in kinds to switch on or off: `{ email: false, ip: true }`. */
  kinds?: Record<string, boolean>;
  /**
   * What stands in the place of what is found, by kind; `*` is all that are not named. `mask`: `[REDACTED:card]`.
   * `partial`: the last four characters, a third of the value at most, and never of a credential. `hash`: a keyed hash,
   * equal for equal values. Default: mask.
   */
  mask?: Record<string, 'mask' | 'partial' | 'hash'>;
  /** The key of the hashes, 16 bytes or more. Better given as `SPANLOG_REDACT_HASH_KEY`. */
  hashKey?: string;
  /** Names the key in each hash, for when it changes: letters and digits, 8 at most. Default: made of the key. */
  hashKeyId?: string;
}

export interface PolicyOptions {
  /** Levels that events have whatever level the call says. */
  levels?: Record<string, Level>;
  /** How fields are to be named; others are said on stderr. Default: any. */
  fieldNames?: NameRule;
  /** Fields that have another name in records than at calls: `{ userId: 'user_id' }`. */
  rename?: Record<string, string>;
  /** The word in `log.retention`, by which a backend keeps a record as long as it should. */
  retention?: RetentionOptions;
}

export interface RetentionOptions {
  /** Of a record that nothing else gives a class. Default: none. */
  default?: string;
  /** By event; wins over what the catalogue says, loggers, levels and the default. */
  events?: Record<string, string>;
  /** By logger-name prefix; wins over levels and the default. */
  loggers?: Record<string, string>;
  /** By level; wins over the default. */
  levels?: Record<string, string>;
}

/** How many are kept: a number of 0–1, `'1/100'`, or `'1 in 100'`. */
export type Share = number | `${number}/${number}` | `${number} in ${number}`;

/**
 * What a destination may see of classified values, by class: `secret`, `pii`, those of the event catalogue, and `*` for
 * all that are not named. `drop` leaves the value out, `mask` says its class, `partial` shows the end of it, `hash` lets
 * equal values be found, `plain` shows it. A `secret` is never shown, nor is its end. Default: mask.
 */
export type ClassOptions = Record<string, Disclosure> & { secret?: Exclude<Disclosure, 'plain' | 'partial'> };

export interface SampleOptions {
  /** Share of records kept. ERROR and FATAL are always kept. Default: 1. */
  rate?: Share;
  /** Share kept by event name; wins over loggers, levels and rate. */
  events?: Record<string, Share>;
  /** Share kept by logger-name prefix; wins over levels and rate. */
  loggers?: Record<string, Share>;
  /** Share kept by level; wins over rate. */
  levels?: Record<string, Share>;
}

type PerTime = `${number}/${'s' | 'min' | 'h'}`;

/**
 * How many records may pass in a time: `'100/s'`, `'1000/min'`, `'600/h burst 50'`. Without `burst`, as many at once as
 * its own unit of time allows. `'off'`: no limit.
 */
export type Limit = PerTime | `${PerTime} burst ${number}` | 'off';

export interface RateLimitOptions {
  /** For each event of each logger; messages that are no events share one limit per logger and level. Default: none. */
  rate?: Limit;
  /** By event name; wins over loggers and rate. */
  events?: Record<string, Limit>;
  /** By logger-name prefix, for each of their events; wins over rate. */
  loggers?: Record<string, Limit>;
  /** An event that is logged more often is told of, once and then every hour; `false` and 0: never. Default: 1,000. */
  noticePerMinute?: number | false;
  /** Pairs of logger and event that have a limit of their own; further ones share one by level. Default: 1,024. */
  maxKeys?: number;
  /** After this time at the latest a record says what was held back. Default: 10,000. */
  summaryMs?: number;
}

export interface DedupeOptions {
  /** For how long after a record its repeats are held back. Default: 10,000. */
  windowMs?: number;
  /** Fields in which repeats may differ, beside `duration_ms` and the other durations that spanlog measures. */
  ignore?: readonly string[];
  /** Records whose repeats are looked for at once. Default: 1,024. */
  maxKeys?: number;
  /** Bytes that all of them may hold. Default: 1 MiB. */
  maxBytes?: number;
}

export interface AuditOptions {
  /** Events that are audit records, whoever logs them. */
  events?: readonly string[];
  /** Loggers whose records all are; `audit` covers `audit.access`. */
  loggers?: readonly string[];
  /** For the chain of audit files, `id:secret`; better given as SPANLOG_AUDIT_KEY. Default: none. */
  key?: string;
}

export interface FlightRecorderOptions {
  /** Lowest level that is held. Default: debug. */
  level?: Level;
  /** Encoded bytes held of one request; past that its oldest records are discarded. Default: 64 KiB. */
  maxBytes?: number;
  /** Memory for all that is held; past that the oldest requests lose what is held of them. Default: 16 MiB. */
  totalBytes?: number;
  /** How long a record is held, give or take an eighth, in ms. Default: 60,000. */
  maxAgeMs?: number;
  /** A request or job that takes so long, in ms, lets out what is held of it. Default: none does. */
  slowMs?: number;
}

export interface PropagateOptions {
  /** Names, each of their ports; `name:port`; `*.suffix`, every name below the suffix. */
  hosts: readonly string[];
}

/** Bounds of everything that could grow. Sizes in bytes, times in ms. */
export interface Limits extends ReadLimits {
  /** Attributes per record; the rest is dropped and counted on the record (OTel: AttributeCountLimit, 128). */
  readonly attributeCount: number;
  /** Encoded bytes one destination may hold; past that records are dropped and counted. */
  readonly queueBytes: number;
  /** Records one destination may hold; Infinity unless set. */
  readonly queueRecords: number;
  /** Records of one request. */
  readonly batchRecords: number;
  /** Encoded bytes of one request. */
  readonly batchBytes: number;
  /** How long a record waits for others to fill a batch. */
  readonly batchDelayMs: number;
  /** How long one flush may take when the caller gives no deadline. */
  readonly flushTimeoutMs: number;
  /** How long the process's end may wait for pending records. */
  readonly exitTimeoutMs: number;
  /** How fast what piled up during an outage goes out once the other side answers again: encoded bytes a second. */
  readonly drainBytesPerSecond: number;
}

export interface SpoolOptions {
  /** Default: `os.tmpdir()`. A relative path starts at the working directory. */
  directory?: string;
  /** Bytes on disk for each process and destination, 1 MiB or more. Default: 512 MiB. */
  maxBytes?: number;
  /** How long a record may wait on disk, 1,000 ms or more. Default: three days. */
  maxAgeMs?: number;
  /**
   * When the system puts what was written on the medium, which surviving a power cut needs: `interval` at most once a
   * second, `always` after each write. Default: never.
   */
  fsync?: 'never' | 'interval' | 'always';
  /** With durability `disk`: how long a record may be in memory only, 1–1,000 ms. Default: 50. */
  windowMs?: number;
}

export interface OtlpOptions {
  /** Name in the ledger. Default: `otlp`. */
  name?: string;
  /** Base URL; `/v1/logs` is added (OTLP exporter spec). */
  endpoint?: string;
  /** Full URL, used as it is; wins over `endpoint`. */
  url?: string;
  protocol?: 'http/protobuf' | 'http/json';
  headers?: Record<string, string>;
  compression?: 'gzip' | 'none';
  /** For one request. Default: 10,000. */
  timeoutMs?: number;
  /** Paths of PEM files. */
  certificate?: string;
  clientCertificate?: string;
  clientKey?: string;
  /** For an endpoint without a scheme, as gRPC's are written: `http` instead of `https`. Default: false. */
  insecure?: boolean;
  /** Lowest level this destination takes. */
  level?: Level;
  /** What it may see of classified values. */
  classes?: ClassOptions;
}

export interface TextOptions {
  name?: string;
  level?: Level;
  /** What it may see of classified values. */
  classes?: ClassOptions;
  /** Where lines go. Default: stdout. */
  stream?: 'stdout' | 'stderr';
  /** Default: only on a terminal, and as NO_COLOR and FORCE_COLOR say. */
  colors?: boolean;
}

/** A file of audit records, each on it when the log call returns. */
export interface AuditFileOptions {
  name?: string;
  /** What it may see of classified values. */
  classes?: ClassOptions;
  /** Of the file; its folder is made. */
  path: string;
  /** When a record is put on the medium. Default: always. */
  fsync?: 'always' | 'interval' | 'never';
  /** A file that holds as much is put aside, and a new one goes on; 65,536 or more. Default: never. */
  maxBytes?: number;
}

/** An exporter of `@opentelemetry/sdk-logs`, by its shape, so that no version is tied to ours. */
export interface SdkLogExporter {
  export(logs: never[], done: (result: { code: number; error?: Error }) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}

export interface SdkExporterOptions {
  name?: string;
  level?: Level;
  /** What it may see of classified values. */
  classes?: ClassOptions;
  /** Records held as objects while they wait; they can't be bounded in bytes. Default: 2,048. */
  maxRecords?: number;
}

/** A description of where records go; `register` starts it. Made by the functions of `spanlog/destinations`. */
export type Destination =
  | { readonly kind: 'otlp'; readonly options: OtlpOptions }
  | { readonly kind: 'pretty'; readonly options: TextOptions }
  | { readonly kind: 'json'; readonly options: TextOptions }
  | { readonly kind: 'audit'; readonly options: AuditFileOptions }
  | { readonly kind: 'sdk'; readonly exporter: SdkLogExporter; readonly options: SdkExporterOptions };
