import type { Encoder } from '../core/record.ts';
import type { ByteSink, RecordSink, Sink } from '../core/sink.ts';

/** Sinks that take the same bytes. */
export interface EncoderGroup {
  readonly encoder: Encoder;
  readonly sinks: readonly ByteSink[];
}

/** The sinks of a configuration by what they take. */
export interface SortedSinks {
  /** By their encoder, so that a record is encoded once for all that share one. */
  readonly groups: readonly EncoderGroup[];
  /** Those that take the record itself. */
  readonly whole: readonly RecordSink[];
  /** Both. */
  readonly ordinary: readonly Sink[];
  /** Those that take audit records alone: no other record is in their accounts. */
  readonly audit: readonly RecordSink[];
}

export function sortSinks(sinks: readonly Sink[]): SortedSinks {
  const whole = sinks.filter((sink) => sink.encoder === undefined);
  const byEncoder = new Map<Encoder, ByteSink[]>();
  for (const sink of sinks) {
    if (sink.encoder === undefined) continue;
    const others = byEncoder.get(sink.encoder) ?? [];
    byEncoder.set(sink.encoder, [...others, sink]);
  }
  return {
    groups: [...byEncoder].map(([encoder, group]) => ({ encoder, sinks: group })),
    whole: whole.filter(({ audit }) => audit === undefined),
    ordinary: sinks.filter((sink) => sink.encoder !== undefined || sink.audit === undefined),
    audit: whole.filter(({ audit }) => audit !== undefined),
  };
}
