/**
 * `spanlog/destinations`: descriptions of where records go. Nothing is opened before `register` gets them.
 */
import type { Destination, OtlpOptions, SdkExporterOptions, SdkLogExporter, TextOptions } from './config/options.ts';

export type { Destination, OtlpOptions, SdkExporterOptions, SdkLogExporter, TextOptions };

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

/** Any exporter of `@opentelemetry/sdk-logs`. It takes objects, so its queue is bounded by number, not by bytes. */
export function sdkExporter(exporter: SdkLogExporter, options: SdkExporterOptions = {}): Destination {
  return { kind: 'sdk', exporter, options };
}
