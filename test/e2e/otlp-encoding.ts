/** Records on the whole way from a bridge's `emit` to the bytes of a request, by the parts that a process is wired of. */
import { Batch } from '../../src/core/batch.ts';
import { isBalanced } from '../../src/core/ledger.ts';
import type { Encoder, LogRecord } from '../../src/core/record.ts';
import { ValueMap } from '../../src/core/value.ts';
import { SHOW_ALL } from '../../src/core/value-policy.ts';
import { SpanlogLoggerProvider } from '../../src/bridges/otel-logger.ts';
import { createJsonEncoder } from '../../src/encode/json.ts';
import { createJsonEnvelope, createProtobufEnvelope } from '../../src/encode/otlp-request.ts';
import type { Envelope, EnvelopeParts } from '../../src/encode/otlp-request.ts';
import { createProtobufEncoder } from '../../src/encode/protobuf.ts';
import { createRecordingHub } from '../support/recording-hub.ts';

export interface Encoded {
  readonly protobuf: Buffer;
  readonly json: string;
  /** Records that the ledger has as delivered; -1 when it does not add up. */
  readonly delivered: number;
}

export interface EncodingOptions {
  readonly resource?: ValueMap;
  readonly resourceSchemaUrl?: string;
}

/** What our encoders make of all that `emit` sends through a provider, unredacted, so that nothing but encoding shows. */
export function encodeEmitted(emit: (provider: SpanlogLoggerProvider) => void, options: EncodingOptions = {}): Encoded {
  // Vectors have up to 512 records with everything in them; the bounds on one record are not what is compared.
  const { hub, records, account } = createRecordingHub({ policy: SHOW_ALL, limits: { recordText: Infinity } });
  emit(new SpanlogLoggerProvider(hub));
  const parts: EnvelopeParts = {
    resource: options.resource ?? new ValueMap(),
    resourceSchemaUrl: options.resourceSchemaUrl ?? '',
    scopes: (id) => hub.scopes[id] ?? { id, name: '', version: '', schemaUrl: '', attributes: new ValueMap() },
  };
  return {
    protobuf: assemble(records, createProtobufEncoder(0), createProtobufEnvelope(parts)),
    json: assemble(records, createJsonEncoder(1), createJsonEnvelope(parts)).toString('utf8'),
    delivered: isBalanced(account.counts()) ? account.delivered : -1,
  };
}

function assemble(records: readonly LogRecord[], encoder: Encoder, envelope: Envelope): Buffer {
  const batch = new Batch(1_024);
  for (const record of records) {
    encoder.encode(record, batch);
    batch.commit(record.scope.id, record.severity);
  }
  return envelope.assemble(batch);
}

/**
 * The same message without fields that hold their default: proto3 leaves open whether those are written. Empty AnyValues
 * inside lists and pairs stay, since there they mean null.
 */
export function withoutDefaults(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(withoutDefaults);
  if (typeof message !== 'object' || message === null || message instanceof Uint8Array) return message;
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(message)) {
    if (!VALUE_CASES.has(key) && isDefault(value)) continue;
    kept[key] = withoutDefaults(value);
  }
  return kept;
}

/** A oneof's case says something even when it holds a zero. */
const VALUE_CASES: ReadonlySet<string> = new Set([
  'stringValue',
  'boolValue',
  'intValue',
  'doubleValue',
  'arrayValue',
  'kvlistValue',
  'bytesValue',
]);

function isDefault(value: unknown): boolean {
  if (value === undefined || value === 0 || value === 0n || value === '') return true;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
