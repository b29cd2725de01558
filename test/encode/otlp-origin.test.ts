import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Batch } from '../../src/core/batch.ts';
import { ByteWriter } from '../../src/core/byte-writer.ts';
import type { Origin, Wrap } from '../../src/core/origin.ts';
import type { Scope } from '../../src/core/record.ts';
import { ValueMap } from '../../src/core/value.ts';
import { createJsonEnvelope, createProtobufEnvelope } from '../../src/encode/otlp-request.ts';
import type { Envelope, EnvelopeParts } from '../../src/encode/otlp-request.ts';
import { closeMessage, openMessage, writeText } from '../../src/encode/protobuf-value.ts';
import { decodeLogsRequest } from '../support/otlp-proto.ts';

type Records = readonly (readonly [scopeId: number, eventName: string])[];

/** Everything of a process is named after it. */
function partsOf(process: string): EnvelopeParts {
  const scopes = [0, 1, 2].map((id): Scope => {
    const attributes = id === 2 ? ValueMap.from([['of', process]]) : new ValueMap();
    return { id, name: `${process}.${id}`, version: '', schemaUrl: id === 1 ? `https://${process}/s` : '', attributes };
  });
  return {
    resource: ValueMap.from([['service.name', process]]),
    resourceSchemaUrl: `https://${process}/r`,
    scopes: (id) => scopes[id] as Scope,
  };
}

const FORMATS = {
  protobuf: {
    create: createProtobufEnvelope,
    record(eventName: string): Buffer {
      const out = new ByteWriter();
      const record = openMessage(out, 0x12);
      writeText(out, 0x62, eventName);
      closeMessage(out, record);
      return out.bytes.subarray(0, out.length);
    },
    read: (body: Buffer): unknown => plain(decodeLogsRequest(body)),
  },
  json: {
    create: createJsonEnvelope,
    record: (eventName: string): Buffer => Buffer.from(JSON.stringify({ eventName })),
    read: (body: Buffer): unknown => JSON.parse(body.toString()),
  },
} as const;
type Format = (typeof FORMATS)[keyof typeof FORMATS];

/** Without prototypes, what is undefined, and the empty lists that the decoder makes of what is not there. */
const plain = (value: object): unknown =>
  JSON.parse(JSON.stringify(value), (key, part: unknown) =>
    key === 'attributes' && Array.isArray(part) && part.length === 0 ? undefined : part,
  );

function batchOf(format: Format, records: Records, origin?: Origin): Batch {
  const batch = new Batch(16);
  batch.origin = origin;
  for (const [scopeId, eventName] of records) {
    const bytes = format.record(eventName);
    batch.append(bytes, 0, bytes.length);
    batch.commit(scopeId, 9);
  }
  return batch;
}

/** What a spool keeps of a process, and gives back in another. */
function keptOf(envelope: Envelope): Origin {
  const copy = ({ head, tail }: Wrap): Wrap => ({ head: Buffer.from(head), tail: Buffer.from(tail) });
  const scopes = [0, 1, 2].map((id) => copy(envelope.scopeFrame(id)));
  return { contentType: envelope.contentType, resource: copy(envelope.frame()), scope: (id) => scopes[id] as Wrap };
}

const anyRecords = fc.array(fc.tuple(fc.constantFrom(0, 1, 2), fc.string({ unit: 'grapheme', minLength: 1 })), {
  minLength: 1,
  maxLength: 30,
});

describe('a batch of another process', () => {
  for (const [name, format] of Object.entries(FORMATS)) {
    for (const [ownName, own] of Object.entries(FORMATS)) {
      test(`R8.6 in ${name} becomes the request that its process would have sent, from one that sends ${ownName}`, () => {
        const theirs = format.create(partsOf('theirs'));
        const origin = keptOf(theirs);
        const envelope = own.create(partsOf('own'));
        fc.assert(
          fc.property(anyRecords, (records) => {
            // Before and after it, the scopes of the same ids are those of this process.
            const ownBody = envelope.assemble(batchOf(own, records));
            const body = envelope.assemble(batchOf(format, records, origin));
            assert.deepEqual(body, theirs.assemble(batchOf(format, records)));
            assert.deepEqual(envelope.assemble(batchOf(own, records)), ownBody);
            assert.doesNotMatch(body.toString('latin1'), /own/);
          }),
          { numRuns: 30 },
        );
      });
    }

    test(`R8.6 in ${name}, of which a scope was lost, says nothing of it`, () => {
      const kept = keptOf(format.create(partsOf('theirs')));
      const lost: Wrap = { head: Buffer.alloc(0), tail: Buffer.alloc(0) };
      const origin: Origin = { ...kept, scope: (id) => (id === 1 ? lost : kept.scope(id)) };
      const records = [[0, 'a'], [1, 'b'], [0, 'c'], [1, 'd']] as const; // prettier-ignore
      const body = format.create(partsOf('own')).assemble(batchOf(format, records, origin));
      const { resourceLogs } = format.read(body) as { resourceLogs: { scopeLogs: unknown[] }[] };
      assert.deepEqual(resourceLogs[0]?.scopeLogs, [
        { scope: { name: 'theirs.0' }, logRecords: [{ eventName: 'a' }, { eventName: 'c' }] },
        { ...(name === 'json' && { scope: {} }), logRecords: [{ eventName: 'b' }, { eventName: 'd' }] },
      ]);
    });
  }

  test('R8.6 goes into the memory of an earlier body', () => {
    const envelope = createProtobufEnvelope(partsOf('own'));
    const origin = keptOf(createJsonEnvelope(partsOf('theirs')));
    const memory = Buffer.alloc(4_096);
    const body = envelope.assemble(batchOf(FORMATS.json, [[0, 'a']], origin), memory);
    assert.equal(body.buffer, memory.buffer);
  });

  test('R8.6 of a format that is not OTLP is refused by name', () => {
    const origin = { ...keptOf(createJsonEnvelope(partsOf('theirs'))), contentType: 'text/plain' };
    const batch = batchOf(FORMATS.json, [[0, 'a']], origin);
    assert.throws(() => createJsonEnvelope(partsOf('own')).assemble(batch), /"text\/plain"/);
  });
});

test('R8.6 the frame of an envelope has the resource as it is known when it is asked for', () => {
  const parts = partsOf('own');
  for (const create of [createProtobufEnvelope, createJsonEnvelope]) {
    const envelope = create(parts);
    const before = envelope.frame().head.toString('latin1');
    parts.resource.set(`host.id of ${envelope.contentType}`, 'late');
    const after = envelope.frame().head.toString('latin1');
    assert.doesNotMatch(before, new RegExp(envelope.contentType));
    assert.match(after, new RegExp(envelope.contentType));
  }
});
