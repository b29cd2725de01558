/** Large spools as an earlier process leaves them behind, and a collector that notes which of their records arrive. */
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ByteWriter } from '../../src/core/byte-writer.ts';
import { closeMessage, openMessage, writeText } from '../../src/encode/protobuf-value.ts';
import { FRAME_HEADER_BYTES, FRAME_KIND, HEAD_BYTES, segmentFile, writeFrame } from '../../src/export/spool/frame.ts';
import { claimFolder } from '../../src/export/spool/owner.ts';
import { encodeOrigin, encodeWrap } from '../../src/export/spool/origin.ts';
import { PROTOBUF_ENVELOPE } from '../export/lane.ts';

/** Records bear their number in front of the event name, so that a collector finds it without decoding the rest. */
const NAME_TAG = 0x62;
const NAME_DIGITS = 10;

export interface LeftSpool {
  readonly directory: string;
  /** Files. */
  readonly segments: number;
  readonly recordsEach: number;
  readonly recordBytes: number;
  /** Only every so many segments hold records; the others are empty. All do when left out. */
  readonly every?: number;
}

/** How many records all of them hold. */
export function recordsIn({ segments, recordsEach, every = 1 }: Omit<LeftSpool, 'directory'>): number {
  return Math.floor(segments / every) * recordsEach;
}

/** Writes that many segments for the service `shop` and the destination `otlp`; returns their bytes. */
export function leaveSpool({ directory, segments, recordsEach, recordBytes, every = 1 }: LeftSpool): number {
  const group = { service: 'shop', destination: 'otlp', url: 'http://127.0.0.1:4318/v1/logs' };
  const owned = claimFolder({ directory, group });
  const out = new ByteWriter(1024 * 1024);
  const record = new ByteWriter(recordBytes + 64);
  const padding = '.'.repeat(recordBytes);
  let id = 1;
  let total = 0;
  for (let number = 1; number <= segments; number++) {
    const salt = 0x5eed_0000 + number;
    const fd = openSync(join(owned.path, segmentFile({ number, firstId: id, salt })), 'wx', 0o600);
    out.length = 0;
    out.reserve(HEAD_BYTES);
    out.bytes.fill(0, 0, HEAD_BYTES);
    out.length = HEAD_BYTES;
    const define = (kind: 1 | 2, payload: Buffer): void => {
      for (let i = 0; i < 2; i++) {
        writeFrame(out, salt, { kind, severity: 0, id: 0, scopeId: 0 }, payload, 0, payload.length);
      }
    };
    define(FRAME_KIND.origin, encodeOrigin(PROTOBUF_ENVELOPE.contentType, PROTOBUF_ENVELOPE.frame()));
    define(FRAME_KIND.scope, encodeWrap(PROTOBUF_ENVELOPE.scopeFrame(0)));
    for (let i = 0; number % every === 0 && i < recordsEach; i++, id++) {
      record.length = 0;
      const message = openMessage(record, 0x12);
      const name = String(id - 1).padStart(NAME_DIGITS, '0') + padding;
      writeText(record, NAME_TAG, name.slice(0, recordBytes - FRAME_HEADER_BYTES));
      closeMessage(record, message);
      const header = { kind: FRAME_KIND.record, severity: 9, id, scopeId: 0 };
      writeFrame(out, salt, header, record.bytes, 0, record.length);
      if (out.length > 1024 * 1024) total += flushTo(fd, out);
    }
    total += flushTo(fd, out);
    closeSync(fd);
  }
  owned.release();
  return total;
}

function flushTo(fd: number, out: ByteWriter): number {
  const { length } = out;
  for (let done = 0; done < length;) done += writeSync(fd, out.bytes, done, length - done);
  out.length = 0;
  return length;
}

export interface CountingCollector {
  readonly endpoint: string;
  /** How often each number arrived; as many as `leaveSpool` wrote. */
  readonly seen: Uint8Array;
  /** Records with a number that nobody wrote. */
  others: number;
}

/** A collector that takes everything, and counts it without decoding it. */
export async function startCountingCollector(t: TestContext, records: number): Promise<CountingCollector> {
  const seen = new Uint8Array(records);
  const collector = { endpoint: '', seen, others: 0 };
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      for (const number of numbersIn(Buffer.concat(chunks))) {
        if (number < records) seen[number] = (seen[number] ?? 0) + 1;
        else collector.others++;
      }
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  collector.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return collector;
}

/** Of each record the number its event name begins with; Infinity when it has none. */
function* numbersIn(body: Buffer): Generator<number> {
  // resource_logs, scope_logs and log_records have the numbers 1, 2 and 2.
  for (const [resourceFrom, resourceTo] of messages(body, 0, body.length, 0x0a)) {
    for (const [scopeFrom, scopeTo] of messages(body, resourceFrom, resourceTo, 0x12)) {
      for (const [from, to] of messages(body, scopeFrom, scopeTo, 0x12)) {
        const [name] = messages(body, from, to, NAME_TAG);
        const text =
          name === undefined ? '' : body.toString('latin1', name[0], Math.min(name[1], name[0] + NAME_DIGITS));
        yield /^\d{10}$/.test(text) ? Number(text) : Infinity;
      }
    }
  }
}

/** Where the fields of that tag stand. */
function* messages(body: Buffer, from: number, to: number, tag: number): Generator<readonly [number, number]> {
  let at = from;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = body[at++] ?? 0;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < to) {
    const found = varint();
    const wire = found & 7;
    if (wire === 2) {
      const length = varint();
      if (found === tag) yield [at, at + length];
      at += length;
    } else if (wire === 0) varint();
    else at += wire === 1 ? 8 : 4;
  }
}
