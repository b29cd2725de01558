import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ByteWriter } from '../../../src/core/byte-writer.ts';
import { SYSTEM_FILES } from '../../../src/export/spool/files.ts';
import type { SpoolFiles } from '../../../src/export/spool/files.ts';
import { FRAME_HEADER_BYTES, FRAME_KIND, FRAME_MAGIC, writeFrame } from '../../../src/export/spool/frame.ts';
import { readSegment } from '../../../src/export/spool/reader.ts';
import { drain, LIMITS, MemoryFile, NAME, range, readAll, SegmentFile, wrap } from './segment-file.ts';

/** The header of a frame that is none. */
function fakeHeader(payloadBytes: number, id: number): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32LE(FRAME_MAGIC, 0);
  header.writeUInt32LE(payloadBytes, 8);
  header[12] = FRAME_KIND.record;
  header.writeUIntLE(id, 14, 6);
  return header;
}

describe('the cost of reading', () => {
  test('R8.6 a large file is read through in little memory', { timeout: 30_000 }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'spanlog-reader-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'segment');
    const total = writeLarge(path, 200_000_000);

    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    /** What is held, without what is garbage already. */
    const used = (): number => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const samples: number[] = [];
    let [records, nextSample] = [0, 0];
    const segment = readSegment(SYSTEM_FILES, path, NAME, { batchRecords: 512, batchBytes: 512 * 1024 });
    for await (const batch of segment) {
      records += batch.count;
      if (records < nextSample) continue;
      nextSample += total / 50;
      samples.push(used());
    }
    assert.equal(records, total);
    const grown = Math.max(...samples.slice(1)) - (samples[0] as number);
    assert.ok(grown < 8 * 1024 * 1024, `${Math.round(grown / 1024)} KiB more than at its first batch`);
  });

  test('R8.6 a frame that claims to be huge takes no memory and costs no other record', async () => {
    for (const claimed of [0xffff_ffff, 0x7fff_ffff, 70_000_000, 2_000_000, 300_000]) {
      const file = new SegmentFile().origin().scope(0).records(1, 4);
      file.raw(fakeHeader(claimed, 5)).records(6, 9).raw(Buffer.alloc(2_100_000)).records(10, 12);
      const source = new MemoryFile(file.bytes);
      const { ids } = await drain(readSegment(source.files, 'segment', NAME, LIMITS));
      assert.deepEqual(ids, [...range(1, 4), ...range(6, 12)]);
      assert.ok(source.largestRead <= 256 * 1024, `read ${source.largestRead} bytes at once`);
      assert.ok(source.bytesRead < 3 * file.length, `read ${source.bytesRead} of ${file.length} bytes`);
    }
  });

  test('R8.6 a frame is found wherever it begins, in front of or behind the end of what was read at once', async () => {
    const chunk = 256 * 1024;
    for (const distance of [...range(-4, 30), 300]) {
      const file = new SegmentFile();
      const garbage = Buffer.alloc(chunk - distance, 'garbage');
      const { ids } = await readAll(file.raw(garbage).origin().scope(0).records(1, 3).bytes);
      assert.deepEqual(ids, [1, 2, 3], `${distance} bytes in front of it`);
    }
  });

  test('R8.6 what is lost is looked for once', async () => {
    const file = new SegmentFile().origin().records(1, 20_000);
    const source = new MemoryFile(file.bytes);
    const { ids, end } = await drain(readSegment(source.files, 'segment', NAME, LIMITS));
    assert.deepEqual([ids.length, end.damaged], [20_000, 0]);
    assert.ok(source.bytesRead < 2.1 * file.length, `read ${source.bytesRead} of ${file.length} bytes`);
  });

  test('R8.6 a record larger than what is read at once comes back whole, and those beside it', async () => {
    const large = Buffer.alloc(3_000_000, 'large ');
    const file = new SegmentFile().origin().scope(0).record(1).record(2, large).record(3).record(4, large).record(5);
    const { records, end } = await readAll(file.bytes, { limits: { batchRecords: 5, batchBytes: 1e9 } });
    assert.deepEqual(records.map(([id, { length }]) => [id, length]), [[1, 8], [2, 3e6], [3, 8], [4, 3e6], [5, 8]]); // prettier-ignore
    assert.equal(end.damaged, 0);
    const reads: number[] = [];
    const source = new MemoryFile(file.records(6, 40_000).bytes);
    const files: SpoolFiles = {
      ...source.files,
      read: (fd, into, length, at) => {
        reads.push(length);
        return source.files.read(fd, into, length, at);
      },
    };
    await drain(readSegment(files, 'segment', NAME, LIMITS));
    assert.ok(Math.max(...reads) > 1e6 && Math.max(...reads.slice(-4)) <= 256 * 1024, 'memory for it is let go');
    const bounded = await readAll(file.bytes, { limits: { ...LIMITS, maxRecordBytes: 1_000_000 } });
    assert.deepEqual([bounded.ids.slice(0, 4), bounded.end.damaged], [[1, 3, 5, 6], 2]);
  });

  test('R8.6 a file of nothing but false frames is read through in linear time', { timeout: 20_000 }, async () => {
    const bytes = 20_000_000;
    const claims: readonly ((left: number) => number)[] = [
      (left) => left - FRAME_HEADER_BYTES,
      () => 200_000,
      (left) => Math.floor(left / 2),
    ];
    for (const claim of claims) {
      const file = new SegmentFile().origin().scope(0).records(1, 3);
      const fakes = Buffer.alloc(bytes);
      for (let at = 0; at + FRAME_HEADER_BYTES <= bytes; at += FRAME_HEADER_BYTES) {
        fakeHeader(Math.max(0, claim(bytes - at)), 100 + at).copy(fakes, at);
      }
      const source = new MemoryFile(file.raw(fakes).records(4, 40).bytes);
      const { ids, end } = await drain(readSegment(source.files, 'segment', NAME, LIMITS));
      assert.ok(source.bytesRead < 64 * 1024 * 1024 + 12 * bytes, `read ${source.bytesRead} bytes`);
      // Those right behind may be lost with them, as long as the credit for checks is used up.
      assert.deepEqual(ids.slice(0, 3), [1, 2, 3]);
      assert.deepEqual(ids.slice(-20), range(21, 40));
      assert.equal(end.lastId, 40);
      assert.equal(end.damaged, 40 - ids.length);
    }
  });

  test('R8.6 scopes without end take no memory without end', async () => {
    const file = new SegmentFile().origin();
    const around = wrap('('.repeat(1_000_000), ')');
    for (let id = 0; id < 12; id++) file.scope(id, around);
    const { batches } = await readAll(file.record(1).bytes);
    const kept = range(0, 11).filter((id) => batches[0]?.origin?.scope(id).head.length === around.head.length);
    assert.deepEqual(kept, range(0, 8));
  });
});

/** Writes records of 1,000 bytes in chunks; returns how many. */
function writeLarge(path: string, bytes: number): number {
  const fd = openSync(path, 'w');
  let records = 0;
  const text = Buffer.alloc(1_000, 'text ');
  let out = new SegmentFile().origin().scope(0).bytes;
  for (let written = 0; written < bytes; written += out.length) {
    if (written > 0) {
      const chunk = new ByteWriter(1024 * 1024);
      while (chunk.length < 1_000_000) {
        const header = { kind: FRAME_KIND.record, severity: 9, id: ++records, scopeId: 0 };
        writeFrame(chunk, NAME.salt, header, text, 0, text.length);
      }
      out = chunk.bytes.subarray(0, chunk.length);
    }
    writeSync(fd, out);
  }
  closeSync(fd);
  return records;
}
