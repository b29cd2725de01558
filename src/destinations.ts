/**
 * `spanlog/destinations`: descriptions of where records go. Nothing is opened before `register` gets them.
 */
import type {
  AuditFileOptions,
  Destination,
  OtlpOptions,
  SdkExporterOptions,
  SdkLogExporter,
  TextOptions,
} from './config/options.ts';

export type { AuditFileOptions, Destination, OtlpOptions, SdkExporterOptions, SdkLogExporter, TextOptions };

/** OTLP to a collector; what is not given comes from `OTEL_EXPORTER_OTLP_*`. */
export function otlp(options: OtlpOptions = {}): Destination {
  return { kind: 'otlp', options };
}

/** A line for people: `<time> | <LEVEL> | <service> | pid=… | req=… | <event> | k=v …`. */
export function consolePretty(options: TextOptions = {}): Destination {
  return { kind: 'pretty', options };
}

/** One JSON object per line, for machines. */
export function jsonLines(options: TextOptions = {}): Destination {
  return { kind: 'json', options };
}

/**
 * A file of audit records alone, in a chain of hashes that `spanlog audit --verify` checks. `register`'s `audit` says which
 * records these are. Each is written before its log call returns.
 */
export function auditFile(options: AuditFileOptions): Destination {
  return { kind: 'audit', options };
}

/** Any exporter of `@opentelemetry/sdk-logs`. It takes objects, so its queue is bounded by number, not by bytes. */
export function sdkExporter(exporter: SdkLogExporter, options: SdkExporterOptions = {}): Destination {
  return { kind: 'sdk', exporter, options };
}
