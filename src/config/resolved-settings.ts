import type { ClassPolicy } from '../core/disclosure.ts';
import type { ExpectedError } from '../core/error-rules.ts';
import type { NameRule } from '../core/field-names.ts';
import type { LevelName } from '../core/level.ts';
import type { ValueMap } from '../core/value.ts';
import type { AuditKeySetting } from './audit-key-type.ts';
import type { CatalogueSetting } from './catalogue-type.ts';
import type { Limits, SdkLogExporter } from './options.ts';
import type { RateLimit } from './rate-limit-type.ts';
import type { LevelSignal, MaskSetting } from './setting-values.ts';

/**
 * What is in force, after code, environment and defaults were merged and every bad value was replaced.
 *
 * Nothing here needs checking again: levels are severity numbers, files are read, URLs are whole.
 */
export interface Settings {
  /** Problems throw. */
  readonly strict: boolean;
  /** `OTEL_SDK_DISABLED`: no globals are set and nothing is exported; the console stays, so that no log is invisible. */
  readonly disabled: boolean;
  readonly takeOverGlobals: boolean;
  readonly warnings: boolean;
  /** Lowest severity number of our own diagnostics. */
  readonly diagnosticLevel: number;
  readonly service: ServiceSettings;
  /** From the resource attributes of code and `OTEL_RESOURCE_ATTRIBUTES`; wins over what is detected. */
  readonly resource: ValueMap;
  readonly resourceDetectors: ReadonlySet<ResourceDetector>;
  /** Lowest severity number that is logged. */
  readonly level: number;
  /** Severity numbers by logger-name prefix; the longest prefix wins. */
  readonly levels: ReadonlyMap<string, number>;
  /** Toggles DEBUG while the process runs. */
  readonly levelSignal: LevelSignal | undefined;
  /** Undefined: until the signal comes again. */
  readonly levelSignalForMs: number | undefined;
  /** Absolute; its levels are followed. */
  readonly configFile: string | undefined;
  /** `false` hides only what is marked. */
  readonly redact: false | RedactSettings;
  readonly redactionHash: HashSettings;
  readonly sample: SampleSettings;
  readonly rateLimit: RateLimitSettings;
  readonly dedupe: DedupeSettings;
  readonly policy: PolicySettings;
  readonly audit: AuditSettings;
  readonly flightRecorder: RecorderSettings;
  /** Hosts that outgoing requests carry the request id and the trace context to, spelt as URLs spell them. */
  readonly propagate: { readonly hosts: readonly string[] };
  /** Keys of the active baggage that become fields. */
  readonly baggage: readonly string[];
  /** The first that matches says the level. */
  readonly expectedErrors: readonly ExpectedError[];
  readonly limits: Limits;
  readonly durability: 'memory' | 'disk' | 'sync';
  readonly onFull: 'drop-lowest' | 'drop-oldest' | 'spill';
  /** Each record gets a `log.record.uid`. */
  readonly recordUid: boolean;
  readonly spool: SpoolSettings;
  readonly destinations: readonly DestinationSettings[];
}

/** What the user said about the service; what is undefined is detected. */
export interface ServiceSettings {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly environment: string | undefined;
  readonly instanceId: string | undefined;
  readonly region: string | undefined;
  readonly worker: string | undefined;
}

export type ResourceDetector = 'service' | 'host' | 'process';

export interface RedactSettings {
  readonly keys: readonly string[];
  readonly paths: readonly string[];
  readonly patterns: ReadonlyMap<string, RegExp>;
  readonly except: readonly string[];
  readonly kinds: ReadonlyMap<string, boolean>;
  readonly mask: ReadonlyMap<string, MaskSetting>;
}

/** For keyed hashes. */
export interface HashSettings {
  /** 16 bytes or more; without it masks stand in the place of hashes. */
  readonly key: string | undefined;
  /** Undefined: made of the key. */
  readonly keyId: string | undefined;
}

/** Shares 0–1. */
export interface SampleSettings {
  readonly rate: number;
  readonly events: ReadonlyMap<string, number>;
  readonly loggers: ReadonlyMap<string, number>;
  readonly levels: ReadonlyMap<LevelName, number>;
}

/** What the logs of this service are to be like. */
export interface PolicySettings {
  readonly catalogue: CatalogueSetting | undefined;
  readonly catalogueCheck: 'report' | 'off';
  /** Severity numbers by event. */
  readonly levels: ReadonlyMap<string, number>;
  readonly fieldNames: NameRule | undefined;
  readonly rename: ReadonlyMap<string, string>;
  readonly retention: {
    readonly default: string | undefined;
    readonly events: ReadonlyMap<string, string>;
    readonly loggers: ReadonlyMap<string, string>;
    readonly levels: ReadonlyMap<LevelName, string>;
  };
}

/** Which records are audit records. */
export interface AuditSettings {
  readonly events: readonly string[];
  /** Prefixes of names. */
  readonly loggers: readonly string[];
  /** The one to write with. */
  readonly key: AuditKeySetting | undefined;
}

/** Without `rate`, `events` and `loggers` nothing is held back. */
export interface RateLimitSettings {
  readonly rate: RateLimit | undefined;
  readonly events: ReadonlyMap<string, RateLimit>;
  readonly loggers: ReadonlyMap<string, RateLimit>;
  /** 0: no notice. */
  readonly noticePerMinute: number;
  readonly maxKeys: number;
  readonly summaryMs: number;
}

export interface DedupeSettings {
  readonly isOn: boolean;
  readonly windowMs: number;
  readonly ignore: readonly string[];
  readonly maxKeys: number;
  readonly maxBytes: number;
}

/** What is held of records below their logger's level. */
export interface RecorderSettings {
  /** Nothing is held otherwise. */
  readonly isOn: boolean;
  /** Lowest severity number that is held. */
  readonly level: number;
  /** Of one scope or trace. */
  readonly maxBytes: number;
  readonly totalBytes: number;
  readonly maxAgeMs: number;
  /** Infinity: no scope is slow. */
  readonly slowMs: number;
}

/** In force with durability `disk` and `sync`, and with onFull `spill`. Nothing is opened before. */
export interface SpoolSettings {
  /** Absolute; whether it can be written is found out by who opens it. */
  readonly directory: string;
  /** For each process and destination. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly fsync: 'never' | 'interval' | 'always';
  /** How long a record may be in memory only, with `disk`. */
  readonly windowMs: number;
}

interface DestinationBase {
  /** Its name in the ledger, unique in one `Settings`. */
  readonly name: string;
  /** Lowest severity number it takes; 0 takes everything. */
  readonly level: number;
  /** What it may see of classified values. */
  readonly classes: ClassPolicy;
}

export type DestinationSettings =
  | (DestinationBase & { readonly kind: 'otlp'; readonly otlp: OtlpSettings })
  | (DestinationBase & { readonly kind: 'pretty' | 'json'; readonly text: TextSettings })
  | (DestinationBase & { readonly kind: 'audit'; readonly file: AuditFileSettings })
  | (DestinationBase & { readonly kind: 'sdk'; readonly exporter: SdkLogExporter; readonly maxRecords: number });

export interface OtlpSettings {
  /** Whole, with its path and without credentials. */
  readonly url: string;
  readonly protocol: 'http/protobuf' | 'http/json';
  /** Names in lower case; values are secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'gzip' | 'none';
  /** For one request; safe for `setTimeout`. */
  readonly timeoutMs: number;
  readonly tls: TlsSettings;
}

/** PEM contents, as `tls.connect` takes them. */
export interface TlsSettings {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

export interface AuditFileSettings {
  /** Absolute; whether it can be written is found out by who opens it. */
  readonly path: string;
  readonly fsync: 'always' | 'interval' | 'never';
  readonly maxBytes: number;
}

export interface TextSettings {
  readonly stream: 'stdout' | 'stderr';
  readonly colors: boolean;
}
