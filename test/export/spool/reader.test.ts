import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from '../../../src/core/byte-writer.ts';
import type { SpoolFiles } from '../../../src/export/spool/files.ts';
import { FRAME_HEADER_BYTES, FRAME_KIND, HEAD_BYTES, writeFrame } from '../../../src/export/spool/frame.ts';
import type { FrameKind } from '../../../src/export/spool/frame.ts';
import { readRange, readSegment } from '../../../src/export/spool/reader.ts';
import {
  drain,
  LIMITS,
  MemoryFile,
  NAME,
  range,
  readAll,
  recordsOf,
  SegmentFile,
  surroundings,
  wrap,
} from './segment-file.ts';
import type { Part } from './segment-file.ts';

/** Origin and scopes twice, as the writer has them, and 12 records. */
function ordinary(): SegmentFile {
  const file = new SegmentFile().origin().origin().scope(0).scope(0).records(1, 6);
  file.scope(1).scope(1).record(7, 'of scope 1', 1).records(8, 12);
  return file.settled(1, []);
}

function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

const flipped = (bytes: Buffer, at: number): Buffer =>
  changed(bytes, (copy) => (copy[at] = (copy[at] as number) ^ 0x5a));

const partAt = (file: SegmentFile, at: number): Part =>
  file.parts.find(({ from, to }) => at >= from && at < to) as Part;

describe('an intact segment', () => {
  test('R8.6 comes back in order, in batches that know their first id and their origin', async () => {
    const { batches, records, end } = await readAll(ordinary().bytes);
    assert.deepEqual(
      records,
      range(1, 12).map((id) => [id, id === 7 ? 'of scope 1' : `record ${id}`]),
    );
    assert.deepEqual(batches.map(({ firstId, count }) => [firstId, count]), [[1, 5], [6, 5], [11, 2]]); // prettier-ignore
    assert.deepEqual(end, { damaged: 0, lastId: 12, damagedRegions: 0 });
    assert.equal(batches[0]?.origin?.contentType, 'application/json');
    assert.equal(batches[0].origin.scope(1).head.toString(), '1(');
    assert.equal(surroundings(batches[0]), '<0(…)>');
  });

  test('R8.6 a batch ends at the limit of bytes, at a gap in the ids, and at a new origin', async () => {
    const file = new SegmentFile().origin().scope(0).records(1, 2).records(5, 6).record(7, 'x'.repeat(100)).record(8);
    file.origin('application/json', wrap('<later:', '>')).record(9);
    const { batches, end } = await readAll(file.bytes, { limits: { batchRecords: 100, batchBytes: 60 } });
    assert.deepEqual(batches.map(({ firstId, count }) => [firstId, count]), [[1, 2], [5, 3], [8, 1], [9, 1]]); // prettier-ignore
    assert.deepEqual(batches.map(surroundings), ['<0(…)>', '<0(…)>', '<0(…)>', '<later:0(…)>']);
    assert.equal(end.damaged, 0, 'ids that are missing beside no damage were settled before they were written');
  });

  test('R8.6 settled ids are skipped, and count for nothing where they are damaged', async () => {
    const file = ordinary().settled(2, [{ first: 8, last: 9 }, { first: 1, last: 3 }, { first: 2, last: 4 }]); // prettier-ignore
    assert.deepEqual((await readAll(file.bytes)).ids, [5, 6, 7, 10, 11, 12]);
    const settledPart = file.parts.find(({ id }) => id === 8) as Part;
    const { ids, end } = await readAll(flipped(file.bytes, settledPart.from + 20));
    assert.deepEqual(ids, [5, 6, 7, 10, 11, 12]);
    assert.deepEqual(end, { damaged: 0, lastId: 12, damagedRegions: 1 });
  });

  test('R8.6 a head that is zeroed, torn or too short replays everything that is there', async () => {
    const file = ordinary().settled(2, [{ first: 1, last: 4 }]);
    assert.deepEqual((await readAll(file.bytes)).ids, range(5, 12));
    for (const [from, to] of [
      [0, HEAD_BYTES],
      [0, 2],
      [8, 20],
    ] as const) {
      // prettier-ignore
      const { ids, end } = await readAll(changed(file.bytes, (copy) => copy.fill(0, from, to)));
      assert.deepEqual(ids, range(1, 12), `zeroed from ${from} to ${to}`);
      assert.equal(end.damaged, 0);
    }
    for (const length of [0, 1, 30, HEAD_BYTES - 1, HEAD_BYTES]) {
      const { ids, end } = await readAll(file.bytes.subarray(0, length));
      assert.deepEqual({ ids, ...end }, { ids: [], damaged: 0, lastId: 0, damagedRegions: 0 });
    }
  });

  test('R8.6 one that is settled, and cut down to its head, has nothing to give', async () => {
    const name = { ...NAME, firstId: 41 };
    const { ids, end } = await readAll(new SegmentFile(name).settled(1, [{ first: 41, last: 90 }]).bytes, { name });
    assert.deepEqual({ ids, ...end }, { ids: [], damaged: 0, lastId: 40, damagedRegions: 0 });
  });

  test('R8.6 the file is closed when its reader gives up in the middle, or when it can not be read', async () => {
    const file = new MemoryFile(ordinary().bytes);
    const segment = readSegment(file.files, 'segment', NAME, LIMITS);
    await segment.next();
    await segment.return({ damaged: 0, lastId: 0, damagedRegions: 0 });
    assert.deepEqual([file.opened, file.closed], [1, 1]);
    const files = { ...file.files, read: () => Promise.reject(Object.assign(new Error('i/o error'), { code: 'EIO' })) };
    await assert.rejects(drain(readSegment(files, 'segment', NAME, LIMITS)), { code: 'EIO' });
    assert.deepEqual([file.opened, file.closed], [2, 2]);
  });

  test('R8.6 reads that give a byte at a time change nothing', async () => {
    const file = new MemoryFile(ordinary().bytes);
    const files: SpoolFiles = {
      ...file.files,
      read: (fd, into, length, at) => file.files.read(fd, into, Math.min(1, length), at),
    };
    assert.deepEqual((await drain(readSegment(files, 'segment', NAME, LIMITS))).ids, range(1, 12));
  });
});

describe('a damaged segment', () => {
  test('R8.6 fault 11 a last segment cut at every byte gives back its valid prefix', async () => {
    const file = ordinary();
    for (let cut = 0; cut < file.length; cut++) {
      const { ids, end } = await readAll(file.bytes.subarray(0, cut));
      const whole = file.parts.filter(({ what, to }) => what === 'record' && to <= cut).map(({ id }) => id);
      assert.deepEqual(ids, whole, `cut at ${cut}`);
      const torn = file.parts.find(({ from, to }) => from < cut && to > cut);
      // Without its kind it is taken for a record.
      const isCounted =
        torn?.what === 'record' || (torn !== undefined && torn.what !== 'head' && cut - torn.from <= 12);
      assert.equal(end.damaged, isCounted ? 1 : 0, `cut at ${cut}, in a ${torn?.what ?? 'boundary'}`);
      assert.equal(end.lastId, whole.at(-1) ?? 0);
    }
  });

  test('R8.6 fault 12 a flipped byte anywhere loses only the record it is in', async () => {
    const file = ordinary().settled(2, [{ first: 1, last: 2 }]);
    const intact = await readAll(file.bytes);
    assert.deepEqual(intact.ids, range(3, 12));
    for (let at = 0; at < file.length; at++) {
      const { what, id } = partAt(file, at);
      const { records, end, batches } = await readAll(flipped(file.bytes, at));
      // A damaged head may have forgotten what was settled: then it is sent again.
      const expected = intact.records.filter(([other]) => what !== 'record' || other !== id);
      const isLost = what === 'record' && id > 2;
      assert.deepEqual(what === 'head' ? records.slice(-10) : records, expected, `flipped at ${at}, in ${what} ${id}`);
      assert.equal(end.damaged, isLost ? 1 : 0, `flipped at ${at}, in ${what} ${id}`);
      assert.equal(end.damagedRegions, what === 'head' ? 0 : 1);
      for (const batch of batches) assert.equal(surroundings(batch), batch.scopeId(0) === 1 ? '<1(…)>' : '<0(…)>');
    }
  });

  test('R8.6 any bytes overwritten anywhere lose what they touch, and nothing wrong is given back', async () => {
    const file = ordinary();
    const { records: all } = await readAll(file.bytes);
    const anyDamage = fc.record({
      at: fc.integer({ min: HEAD_BYTES - 20, max: file.length - 1 }),
      bytes: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 300 }).map((length) => new Uint8Array(length)),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyDamage, { minLength: 1, maxLength: 4 }), async (damages) => {
        const bytes = file.bytes;
        for (const damage of damages) bytes.set(damage.bytes.subarray(0, bytes.length - damage.at), damage.at);
        const touched = (part: Part): boolean => !bytes.subarray(part.from, part.to).equals(file.bytes.subarray(part.from, part.to)); // prettier-ignore
        const originIsThere = file.parts.some((part) => part.what === 'origin' && !touched(part));
        const intact = file.parts.filter((part) => part.what === 'record' && !touched(part)).map(({ id }) => id);
        const { records, end } = await readAll(bytes);
        assert.deepEqual(records, originIsThere ? all.filter(([id]) => intact.includes(id)) : []);
        assert.equal(end.lastId, intact.at(-1) ?? 0);
        // Exact up to the last intact record; behind it, nothing says how many there were.
        const lost = end.lastId - records.length;
        assert.ok(end.damaged >= lost && end.damaged <= lost + 1 + damages.length, JSON.stringify({ end, lost }));
      }),
      { numRuns: 400 },
    );
  });

  test('R8.6 the other copy of an origin or a scope may stand behind the records', async () => {
    const file = new SegmentFile().origin().scope(0).records(1, 3).record(4, Buffer.alloc(8), 1).scope(0).scope(1);
    file.origin().records(5, 6).origin('application/json', wrap('<later:', '>')).record(7);
    const bytes = changed(file.bytes, (copy) => {
      for (const { from, to } of file.parts.slice(1, 3)) copy.fill(0, from, to);
    });
    const { ids, end, batches } = await readAll(bytes);
    assert.deepEqual(ids, range(1, 7));
    assert.equal(end.damaged, 0);
    assert.deepEqual(batches.map(surroundings), ['<0(…)>', '<0(…)>', '<later:0(…)>']);
    assert.equal(batches[0]?.origin?.scope(1).head.toString(), '1(');
  });

  test('R8.6 a scope of which both copies are lost leaves records without a scope', async () => {
    const file = ordinary();
    const bytes = changed(file.bytes, (copy) => {
      for (const { what, from } of file.parts) if (what === 'scope') copy[from + 30] = 0xff;
    });
    const { ids, end, batches } = await readAll(bytes);
    assert.deepEqual(ids, range(1, 12));
    assert.equal(end.damaged, 0);
    assert.deepEqual(batches.slice(0, 1).map(surroundings), ['<…>']);
  });

  test('R8.6 an origin of which both copies are lost counts all unsettled records as damaged', async () => {
    const file = ordinary().settled(2, [{ first: 1, last: 3 }]);
    const bytes = changed(file.bytes, (copy) => {
      for (const { what, from } of file.parts) if (what === 'origin') copy[from + 30] = 0xff;
    });
    const { ids, end } = await readAll(bytes);
    assert.deepEqual({ ids, damaged: end.damaged, lastId: end.lastId }, { ids: [], damaged: 9, lastId: 12 });
  });

  test('R8.6 a page of zeros in the middle loses the records on it, each counted', async () => {
    const file = new SegmentFile().origin().scope(0).records(1, 400);
    const [from, to] = [2 * 4_096, 3 * 4_096];
    const { ids, end } = await readAll(changed(file.bytes, (copy) => copy.fill(0, from, to)));
    const whole = file.parts.filter((part) => part.what === 'record' && (part.to <= from || part.from >= to));
    assert.deepEqual(ids, whole.map(({ id }) => id)); // prettier-ignore
    assert.deepEqual(end, { damaged: 400 - whole.length, lastId: 400, damagedRegions: 1 });
  });

  test('R8.6 ids that were never written are no loss beside a damaged record', async () => {
    const file = new SegmentFile().origin().scope(0).records(1, 2).record(3, 'x'.repeat(500)).records(5_000, 5_003);
    const { from } = file.parts.find(({ id }) => id === 3) as Part;
    const { ids, end } = await readAll(flipped(file.bytes, from + FRAME_HEADER_BYTES));
    assert.deepEqual(ids, [1, 2, 5_000, 5_001, 5_002, 5_003]);
    assert.equal(end.damaged, 1);
  });

  test('R8.6 stale remains behind the end are not sent again, and are no damage', async () => {
    for (const [first, last] of [
      [5, 9],
      [12, 12],
      [7, 7],
    ] as const) {
      // prettier-ignore
      const stale = new SegmentFile().records(first, last).bytes.subarray(HEAD_BYTES);
      for (const cutAtFront of first === last ? [0] : [0, 1, 30]) {
        for (const cutAtEnd of [0, 1, 10]) {
          const remains = stale.subarray(cutAtFront, stale.length - cutAtEnd);
          const { ids, end } = await readAll(ordinary().raw(remains).bytes);
          assert.deepEqual({ ids, ...end }, { ids: range(1, 12), damaged: 0, lastId: 12, damagedRegions: 0 });
        }
      }
    }
  });

  test('R8.6 behind the last intact record each damage counts one, but none that is of a scope or blank', async () => {
    const file = new SegmentFile().origin().scope(0).records(1, 2).record(3, 'x'.repeat(99)).scope(1).scope(1);
    const [third, scope] = file.parts.slice(-3) as [Part, Part];
    const endOf = async (bytes: Buffer): Promise<number[]> => {
      const { end } = await readAll(bytes);
      return [end.damaged, end.lastId, end.damagedRegions];
    };
    assert.deepEqual(await endOf(flipped(file.bytes, third.from + 50)), [1, 2, 1]);
    assert.deepEqual(await endOf(flipped(file.bytes, third.from)), [1, 2, 1]);
    assert.deepEqual(await endOf(flipped(file.bytes, scope.from + 25)), [0, 3, 1]);
    assert.deepEqual(await endOf(changed(file.bytes, (copy) => copy.fill(0, scope.from, scope.to))), [0, 3, 0]);
    assert.deepEqual(await endOf(flipped(flipped(file.bytes, third.from + 50), file.length - 1)), [2, 2, 2]);
  });

  test('R8.6 a frame of a kind that nobody knows is damage, and so is what a file lacks of its size', async () => {
    const file = new SegmentFile().origin().scope(0).records(1, 2);
    const out = new ByteWriter();
    const header = { kind: 4 as FrameKind, severity: 0, id: 0, scopeId: 0 };
    writeFrame(out, NAME.salt, header, Buffer.from('new'), 0, 3);
    const { ids, end } = await readAll(file.raw(out.bytes.subarray(0, out.length)).records(3, 4).bytes);
    assert.deepEqual({ ids, ...end }, { ids: range(1, 4), damaged: 0, lastId: 4, damagedRegions: 1 });

    const source = new MemoryFile(file.bytes);
    const files: SpoolFiles = { ...source.files, size: () => Promise.resolve(source.bytes.length + 10_000) };
    const short = await drain(readSegment(files, 'segment', NAME, LIMITS));
    assert.deepEqual([short.ids, short.end.damaged], [range(1, 4), 0]);
  });

  test('R8.6 zeros behind the end are no damage, however many they are', async () => {
    for (const length of [1, 23, 24, 5_000, 600_000]) {
      const { ids, end } = await readAll(ordinary().raw(Buffer.alloc(length)).bytes);
      assert.deepEqual({ ids, ...end }, { ids: range(1, 12), damaged: 0, lastId: 12, damagedRegions: 0 });
    }
    assert.equal((await readAll(ordinary().raw(Buffer.from([...Buffer.alloc(9_000), 1])).bytes)).end.damaged, 1);
  });

  test('R8.6 what imitates frames inside of records is never taken for one', async () => {
    const out = new ByteWriter();
    const imitated = Buffer.from('imitated');
    const header = { kind: FRAME_KIND.record, severity: 9, id: 10, scopeId: 0 };
    // Of another segment: whoever logs it does not know the salt of this one.
    writeFrame(out, NAME.salt + 1, header, imitated, 0, imitated.length);
    const frame = out.bytes.subarray(0, out.length);
    const file = new SegmentFile().origin().scope(0).records(1, 3);
    file
      .record(4, Buffer.concat([frame, frame, frame]))
      .record(5, frame)
      .record(6, frame.toString())
      .records(7, 9);
    const { records } = await readAll(file.bytes);
    for (const part of file.parts.filter(({ what }) => what === 'record')) {
      for (const at of [0, 4, 8, 14, FRAME_HEADER_BYTES]) {
        const reading = await readAll(flipped(file.bytes, part.from + at));
        assert.deepEqual(reading.records, records.filter(([id]) => id !== part.id)); // prettier-ignore
        assert.equal(reading.end.damaged, 1);
      }
    }
  });
});

describe('a range of this process', () => {
  const read = (bytes: Buffer, from: number, firstId: number, count: number): ReturnType<typeof readRange> =>
    readRange(new MemoryFile(bytes).files, 'segment', NAME, from, firstId, count, LIMITS);

  test('R8.6 comes back as one batch, without an origin', async () => {
    const file = ordinary();
    for (const { id, from } of file.parts.filter(({ what }) => what === 'record')) {
      for (let count = 1; count <= 12 - id + 1; count++) {
        const { batches, damaged } = await read(file.bytes, from, id, count);
        assert.deepEqual(batches.map(({ firstId }) => firstId), [id]); // prettier-ignore
        assert.deepEqual(batches.flatMap(recordsOf).map(([other]) => other), range(id, id + count - 1)); // prettier-ignore
        assert.equal(batches[0]?.origin, undefined);
        assert.equal(damaged, 0);
      }
    }
  });

  test('R8.6 a damage in it makes two batches, and only its records are missing', async () => {
    const file = ordinary();
    const [second, fourth, fifth] = [2, 4, 5].map((id) => file.parts.find((part) => part.id === id)) as [
      Part,
      Part,
      Part,
    ];
    for (let at = fourth.from; at < fifth.to; at++) {
      const { batches, damaged } = await read(flipped(file.bytes, at), second.from, 2, 6);
      const lost = at < fourth.to ? 4 : 5;
      assert.deepEqual(batches.map(({ firstId, count }) => [firstId, count]), [[2, lost - 2], [lost + 1, 7 - lost]]); // prettier-ignore
      assert.equal(damaged, 1);
    }
  });

  test('R8.6 it may be looked for from a record in front of it', async () => {
    const file = ordinary();
    const { batches, damaged } = await read(file.bytes, HEAD_BYTES, 5, 4);
    assert.deepEqual([batches.flatMap(recordsOf).map(([id]) => id), damaged], [range(5, 8), 0]);
  });

  test('R8.6 what is not there any more is counted, and what belongs to others is left alone', async () => {
    const file = ordinary();
    const tenth = file.parts.find(({ id }) => id === 10) as Part;
    const cut = await read(file.bytes.subarray(0, tenth.from + 5), (file.parts[5] as Part).from, 1, 12);
    assert.deepEqual([cut.batches.map(({ count }) => count), cut.damaged], [[9], 3]);
    assert.deepEqual(await read(Buffer.alloc(0), HEAD_BYTES, 1, 3), { batches: [], damaged: 3 });
    const gone = await read(flipped(file.bytes, tenth.from), tenth.from, 10, 1);
    assert.deepEqual(gone, { batches: [], damaged: 1 });
  });
});
