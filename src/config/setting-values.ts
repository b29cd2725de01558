import type { ClassPolicy, Disclosure } from '../core/disclosure.ts';
import type { ExpectedError } from '../core/error-rules.ts';
import type { NameRule } from '../core/field-names.ts';
import type { LevelName } from '../core/level.ts';
import type { AuditKeySetting } from './audit-key-type.ts';
import type { CatalogueSetting } from './catalogue-type.ts';
import type { AuditFileOptions, Limits, Options } from './options.ts';
import type { PemFile } from './pem-file-type.ts';
import type { RateLimit } from './rate-limit-type.ts';
import type { RecorderSettings, ServiceSettings, SpoolSettings } from './resolved-settings.ts';
import type { ResourceValue } from './setting-list-type.ts';
import type { SettingType } from './setting-type.ts';

/** One row of the table. */
export interface Setting<T> {
  readonly type: SettingType<NonNullable<T>>;
  /**
   * Variables that set it, the stronger first. `OTEL_RESOURCE_ATTRIBUTES service.name` means that one attribute of the
   * list. Where OTel has a name it is used; elsewhere it is `SPANLOG_` and the path.
   */
  readonly env: readonly string[];
  readonly fallback: T;
  /** What the documentation says in place of `fallback`, where it is found out at run time. */
  readonly fallbackText?: string;
  /** For the documentation and `explain`. */
  readonly text: string;
  /** Its value is never shown. */
  readonly secret?: true;
}

/** What can stand in the place of what a rule found. */
export type MaskSetting = Extract<Disclosure, 'mask' | 'partial' | 'hash'>;

export type LevelSignal = 'SIGUSR2' | 'SIGUSR1' | 'SIGWINCH' | 'SIGCONT';

/** What each setting resolves to. Its path is where it stands in Options, `otlp.*` and so on in a destination's. */
export type SettingValues = {
  strict: boolean;
  disabled: boolean;
  takeOverGlobals: boolean;
  warnings: boolean;
  diagnosticLevel: number;
  resource: ReadonlyMap<string, ResourceValue>;
  resourceDetectors: readonly string[];
  level: number;
  levelSignal: LevelSignal | undefined;
  levelSignalForMs: number | undefined;
  configFile: string | undefined;
  levels: ReadonlyMap<string, number>;
  redact: boolean;
  'redact.keys': readonly string[];
  'redact.paths': readonly string[];
  'redact.patterns': ReadonlyMap<string, RegExp>;
  'redact.except': readonly string[];
  'redact.kinds': ReadonlyMap<string, boolean>;
  'redact.mask': ReadonlyMap<string, MaskSetting>;
  'redact.hashKey': string | undefined;
  'redact.hashKeyId': string | undefined;
  'sample.rate': number;
  'sample.events': ReadonlyMap<string, number>;
  'sample.loggers': ReadonlyMap<string, number>;
  'sample.levels': ReadonlyMap<LevelName, number>;
  'rateLimit.rate': RateLimit | undefined;
  'rateLimit.events': ReadonlyMap<string, RateLimit>;
  'rateLimit.loggers': ReadonlyMap<string, RateLimit>;
  'rateLimit.noticePerMinute': number;
  'rateLimit.maxKeys': number;
  'rateLimit.summaryMs': number;
  dedupe: boolean;
  'dedupe.windowMs': number;
  'dedupe.ignore': readonly string[];
  'dedupe.maxKeys': number;
  'dedupe.maxBytes': number;
  catalogue: CatalogueSetting | undefined;
  catalogueCheck: 'report' | 'off';
  'policy.levels': ReadonlyMap<string, number>;
  'policy.fieldNames': NameRule | undefined;
  'policy.rename': ReadonlyMap<string, string>;
  'policy.retention.default': string | undefined;
  'policy.retention.events': ReadonlyMap<string, string>;
  'policy.retention.loggers': ReadonlyMap<string, string>;
  'policy.retention.levels': ReadonlyMap<LevelName, string>;
  'audit.events': readonly string[];
  'audit.loggers': readonly string[];
  'auditFile.name': string;
  'auditFile.classes': ClassPolicy;
  'auditFile.path': string | undefined;
  'auditFile.fsync': NonNullable<AuditFileOptions['fsync']>;
  'auditFile.maxBytes': number;
  'audit.key': readonly AuditKeySetting[] | undefined;
  'propagate.hosts': readonly string[];
  baggage: readonly string[];
  expectedErrors: readonly ExpectedError[];
  destinations: readonly unknown[] | undefined;
  format: 'pretty' | 'json' | undefined;
  flightRecorder: boolean;
  durability: NonNullable<Options['durability']>;
  onFull: NonNullable<Options['onFull']>;
  recordUid: boolean | undefined;
  'spool.directory': string | undefined;
  'otlp.name': string;
  'otlp.level': number;
  'otlp.classes': ClassPolicy;
  'otlp.endpoint': string;
  'otlp.url': string | undefined;
  'otlp.protocol': 'http/protobuf' | 'http/json' | 'grpc';
  'otlp.headers': ReadonlyMap<string, string>;
  'otlp.compression': 'gzip' | 'none';
  'otlp.timeoutMs': number;
  'otlp.certificate': PemFile | undefined;
  'otlp.clientCertificate': PemFile | undefined;
  'otlp.clientKey': PemFile | undefined;
  'otlp.insecure': boolean;
  'console.name': string | undefined;
  'console.level': number;
  'console.classes': ClassPolicy;
  'console.stream': 'stdout' | 'stderr';
  'console.colors': boolean | undefined;
  'sdk.name': string;
  'sdk.level': number;
  'sdk.classes': ClassPolicy;
  'sdk.maxRecords': number;
} & { [K in keyof ServiceSettings as `service.${K}`]: string | undefined } & {
  [K in keyof Limits as `limits.${K}`]: number;
} & {
  [K in Exclude<keyof RecorderSettings, 'isOn'> as `flightRecorder.${K}`]: RecorderSettings[K];
} & { [K in Exclude<keyof SpoolSettings, 'directory'> as `spool.${K}`]: SpoolSettings[K] };

export type SettingPath = keyof SettingValues;

/** Rows of the table by path. */
export type SettingTable<P extends SettingPath> = { readonly [K in P]: Setting<SettingValues[K]> };
