import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from '../../../src/core/byte-writer.ts';
import {
  decodeHead,
  encodeSlot,
  FRAME_HEADER_BYTES,
  FRAME_KIND,
  HEAD_BYTES,
  parseSegmentFile,
  segmentFile,
  SLOT_BYTES,
  writeFrame,
} from '../../../src/export/spool/frame.ts';
import { decodeOrigin, decodeWrap, encodeOrigin, encodeWrap } from '../../../src/export/spool/origin.ts';
import { LIMITS, NAME, readAll, SegmentFile } from './segment-file.ts';

const anyId = fc.nat(2 ** 48 - 1);
const anySalt = fc.nat(2 ** 32 - 1);
const anyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

describe('a frame', () => {
  test('R8.6 keeps its record, id, severity and scope', async () => {
    const anyRecord = fc.record({
      text: anyBytes,
      scopeId: fc.nat(2 ** 31 - 1),
      severity: fc.nat(24),
      step: fc.integer({ min: 1, max: 2 ** 30 }),
    });
    await fc.assert(
      fc.asyncProperty(anySalt, fc.array(anyRecord, { maxLength: 30 }), async (salt, records) => {
        const name = { ...NAME, salt };
        const file = new SegmentFile(name).origin();
        let id = 0;
        for (const { text, scopeId, severity, step } of records) {
          id += step;
          file.scope(scopeId).record(id, text, scopeId, severity);
        }
        const { batches, end } = await readAll(file.bytes, { name, limits: { ...LIMITS, batchRecords: 1 } });
        id = 0;
        assert.deepEqual(
          batches.map((batch) => [
            batch.firstId,
            batch.bytes.toString('hex', 0, batch.length),
            batch.scopeId(0),
            batch.severity(0),
          ]),
          records.map(({ text, scopeId, severity, step }) => [(id += step), text.toString('hex'), scopeId, severity]),
        );
        assert.equal(end.damaged, 0);
      }),
      { numRuns: 60 },
    );
  });

  test('R8.6 is as long as its header and its payload, wherever these are', () => {
    const out = new ByteWriter(1);
    const payload = Buffer.from('..payload..');
    const header = { kind: FRAME_KIND.record, severity: 9, id: 7, scopeId: 3 };
    const length = writeFrame(out, 1, header, payload, 2, 9);
    assert.equal(length, FRAME_HEADER_BYTES + 7);
    assert.equal(writeFrame(out, 1, header, payload, 2, 9), length);
    assert.equal(out.length, 2 * length);
    assert.deepEqual(out.bytes.subarray(0, length), out.bytes.subarray(length, 2 * length));
  });
});

describe('a head', () => {
  const anyRanges = fc.array(
    fc.tuple(anyId, anyId).map(([first, last]) => ({ first, last })),
    { maxLength: 169 },
  );
  const headOf = (...slots: readonly (readonly [number, Buffer])[]): Buffer => {
    const head = Buffer.alloc(HEAD_BYTES);
    for (const [turn, slot] of slots) slot.copy(head, (turn % 2) * SLOT_BYTES);
    return head;
  };

  test('R8.6 tells what its newer slot says', () => {
    fc.assert(
      fc.property(anySalt, fc.integer({ min: 1, max: 1e9 }), anyRanges, anyRanges, (salt, turn, older, newer) => {
        const head = headOf([turn, encodeSlot(salt, turn, older)], [turn + 1, encodeSlot(salt, turn + 1, newer)]);
        assert.deepEqual(decodeHead(head, salt), { turn: turn + 1, settled: newer });
      }),
    );
  });

  test('R8.6 a slot that was torn while it was written leaves the one before it in force', () => {
    const [older, newer] = [[{ first: 1, last: 5 }], [{ first: 1, last: 9 }, { first: 20, last: 30 }]]; // prettier-ignore
    const slot = encodeSlot(7, 2, newer);
    for (let cut = 0; cut < slot.length; cut++) {
      const head = headOf([1, encodeSlot(7, 1, older)]);
      // Behind the cut is something else than what should be there.
      head.fill(0xff, 0, SLOT_BYTES);
      slot.copy(head, 0, 0, cut);
      assert.deepEqual(decodeHead(head, 7), { turn: 1, settled: older }, `cut at ${cut}`);
    }
  });

  test('R8.6 whatever bytes it has, it never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: HEAD_BYTES }), anySalt, (bytes, salt) => {
        decodeHead(Buffer.from(bytes), salt);
      }),
    );
  });
});

test('R8.6 the name of a segment says what it was made of, and no other name does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e10 }), fc.nat(1e14), anySalt, (number, firstId, salt) => {
      assert.deepEqual(parseSegmentFile(segmentFile({ number, firstId, salt })), { number, firstId, salt });
    }),
  );
  for (const other of ['', 'x.seg', '00000001-1-0000000g.seg', '1-1-00000000.seg', '00000001-1-00000000.seg.tmp']) {
    assert.equal(parseSegmentFile(other), undefined, other);
  }
});

describe('what stands around records', () => {
  const anyWrap = fc.record({ head: anyBytes, tail: anyBytes }, { noNullPrototype: true });

  test('R8.6 comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), anyWrap, (contentType, resource) => {
        assert.deepEqual(decodeOrigin(encodeOrigin(contentType, resource)), { contentType, resource });
        assert.deepEqual(decodeWrap(encodeWrap(resource)), resource);
      }),
    );
  });

  test('R8.6 is undefined when it is malformed, and does not throw', () => {
    const whole = encodeOrigin('application/json', { head: Buffer.from('head'), tail: Buffer.from('tail') });
    for (let cut = 0; cut < whole.length; cut++) assert.equal(decodeOrigin(whole.subarray(0, cut)), undefined);
    assert.equal(decodeOrigin(Buffer.concat([whole, Buffer.from('x')])), undefined);
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        decodeOrigin(bytes);
        decodeWrap(bytes);
      }),
    );
  });

  test('R8.6 does not share the memory it was read from', () => {
    const payload = encodeWrap({ head: Buffer.from('head'), tail: Buffer.from('tail') });
    const decoded = decodeWrap(payload);
    payload.fill(0);
    assert.equal(decoded?.head.toString(), 'head');
    assert.equal(decoded.tail.toString(), 'tail');
  });
});
