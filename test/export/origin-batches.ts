/** Batches of one record, of several origins. */
import { Batch } from '../../src/core/batch.ts';
import type { Origin } from '../../src/core/origin.ts';
import type { Envelope } from '../../src/encode/otlp-request.ts';
import { JSON_ENVELOPE, PROTOBUF_ENVELOPE } from './lane.ts';

function originOf(envelope: Envelope, contentType = envelope.contentType): Origin {
  return { contentType, resource: envelope.frame(), scope: (id) => envelope.scopeFrame(id) };
}

function batchOf(record: string, origin?: Origin): Batch {
  const batch = new Batch(64);
  const bytes = Buffer.from(record);
  batch.append(bytes, 0, bytes.length);
  batch.commit(0, 9);
  batch.origin = origin;
  return batch;
}

const PROTOBUF_RECORD = '\u0012\u0006b\u0004name';

export const OWN = batchOf(PROTOBUF_RECORD);
export const OF_OTHER_FORMAT = batchOf('{"eventName":"name"}', originOf(JSON_ENVELOPE));
export const OF_SAME_FORMAT = batchOf(PROTOBUF_RECORD, originOf(PROTOBUF_ENVELOPE));
export const OF_NO_FORMAT = batchOf('name', originOf(JSON_ENVELOPE, 'text/plain\r\nx: y'));
