import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { noticesOf } from '../support/child-process.ts';
import { ledgerOf } from '../process/app.ts';
import { pointedTo, runFaultApp, upTo } from './fault-app.ts';
import { startFaultyServer } from './faulty-server.ts';
import type { Answer } from './faulty-server.ts';

const MIB = 1024 * 1024;
const LIMIT_BYTES = 4 * MIB;
/** What one read of a socket may bring past the limit, and the head of the answer. */
const SLACK_BYTES = 256 * 1024;

/** Writes `chunk` until so many bytes are out or the other side has had enough. */
function flood(
  total: number,
  head: (response: ServerResponse) => void,
  chunk: Buffer = Buffer.alloc(64 * 1024),
): Answer {
  return async (response) => {
    head(response);
    const chunks = function* (): Generator<Buffer> {
      for (let sent = 0; sent < total; sent += chunk.length) yield chunk;
    };
    await pipeline(Readable.from(chunks()), response);
  };
}

/** The same past HTTP, straight to the socket. */
function rawFlood(total: number, head: string, chunk: string): Answer {
  return async ({ socket }) => {
    if (socket === null) return;
    socket.write(head);
    const bytes = Buffer.from(chunk.repeat(Math.ceil((64 * 1024) / chunk.length)));
    const chunks = function* (): Generator<Buffer> {
      for (let sent = 0; sent < total; sent += bytes.length) yield bytes;
    };
    await pipeline(Readable.from(chunks()), socket);
  };
}

/** A GiB of zeros in a MiB: sixteen members of 64 MiB one after the other, as gzip allows. */
const BOMB = Buffer.concat(Array<Buffer>(16).fill(gzipSync(Buffer.alloc(64 * MIB))));
const GZIP = { 'content-encoding': 'gzip', 'content-type': 'application/x-protobuf' };

interface Flood {
  readonly answer: Answer;
  /** Under what the ten records of the first batch are counted; without, they are sent again and delivered. */
  readonly dropped?: string;
  readonly said: RegExp;
}

const floods: Readonly<Record<string, Flood>> = {
  'of 64 MiB': {
    answer: flood(64 * MIB, (response) => response.writeHead(200, { 'content-length': 64 * MIB })),
    dropped: 'response_too_large',
    said: /larger than 4 MiB/,
  },
  'of 1 GB, streamed': {
    answer: flood(1e9, (response) => response.writeHead(200)),
    dropped: 'response_too_large',
    said: /larger than 4 MiB/,
  },
  'that is a gzip bomb of 1 GiB': {
    answer: (response) => void response.writeHead(200, GZIP).end(BOMB),
    dropped: 'response_too_large',
    said: /larger than 4 MiB/,
  },
  'of 1 GB to a 400': {
    answer: flood(1e9, (response) => response.writeHead(400)),
    dropped: 'http_400',
    said: /HTTP 400/,
  },
  'that is a gzip bomb and a 400': {
    answer: (response) => void response.writeHead(400, GZIP).end(BOMB),
    dropped: 'http_400',
    said: /HTTP 400/,
  },
  'of 1 GB to a 503': {
    answer: flood(1e9, (response) => response.writeHead(503)),
    said: /^$/,
  },
  'of 1 GB of headers': {
    answer: rawFlood(1e9, 'HTTP/1.1 200 OK\r\n', 'x-more: and more\r\n'),
    said: /HPE_HEADER_OVERFLOW/,
  },
  'of 1 GB of interim answers': {
    answer: rawFlood(1e9, '', 'HTTP/1.1 102 Processing\r\n\r\n'),
    said: /only interim answers/,
  },
  'of 1 GB in chunks of one byte': {
    answer: rawFlood(1e9, 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', '1\r\n.\r\n'),
    dropped: 'response_too_large',
    said: /larger than 4 MiB/,
  },
};

describe('fault 29: answers without measure', { concurrency: 2 }, () => {
  for (const [name, { answer, dropped, said }] of Object.entries(floods)) {
    test(`R8.5 fault 29 an answer ${name}: at most 4 MiB of it are read, the records are counted, the next batch flows`, async (t) => {
      const server = await startFaultyServer(t, { answers: [answer] });
      const end = await runFaultApp('flooded', [], { env: pointedTo(server.endpoint) });
      assert.equal(end.code, 0, end.stderr);
      const { readBytes, longestStallMs } = JSON.parse(end.stdout) as { readBytes: number; longestStallMs: number };
      const [first] = server.requests;
      await first?.gone;
      const writtenBytes = first?.writtenBytes() ?? 0;
      t.diagnostic(`${readBytes} bytes read, ${writtenBytes} taken by the kernel, loop held for ${longestStallMs} ms`);
      assert.ok(readBytes <= LIMIT_BYTES + SLACK_BYTES, `${readBytes} bytes were read`);
      // The rest is what the kernel of this machine buffers between two processes.
      assert.ok(writtenBytes < LIMIT_BYTES + 16 * MIB, `${writtenBytes} bytes were written`);

      assert.match(noticesOf(end)[0] ?? '', said);
      const again = dropped === undefined ? upTo(10) : [];
      assert.deepEqual(server.requests.slice(1).flatMap(({ numbers }) => numbers), [...again, ...upTo(20).slice(10)]); // prettier-ignore
      const { emitted, delivered, pending, ...rest } = ledgerOf(end);
      assert.deepEqual(
        { emitted, delivered, pending, dropped: rest.dropped },
        dropped === undefined
          ? { emitted: 20, delivered: 20, pending: 0, dropped: {} }
          : { emitted: 20, delivered: 10, pending: 0, dropped: { [dropped]: 10 } },
      );
    });
  }
});
