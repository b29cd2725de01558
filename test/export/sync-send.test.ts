import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { httpTransport } from './lane.ts';
import { OWN } from './origin-batches.ts';

/** In a thread of its own: this one sleeps while it sends. Says \`piece\` again and again, for as long as it is listened to. */
const SERVER = `
const { parentPort, workerData: { begin, piece } } = require('node:worker_threads');
const server = require('node:net').createServer((socket) => {
  socket.on('error', () => undefined);
  socket.once('data', () => {
    socket.write(begin);
    const more = () => {
      while (!socket.destroyed && socket.write(piece.repeat(100)));
    };
    socket.on('drain', more);
    more();
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

const floods = {
  'of interim answers': {
    begin: '',
    piece: 'HTTP/1.1 102 Processing\r\n\r\n',
    said: /\(interim\)/,
  },
  'of headers': { begin: 'HTTP/1.1 200 OK\r\n', piece: 'x-more: and more\r\n', said: /\(HPE_HEADER_OVERFLOW\)/ },
  'in chunks of one byte': {
    begin: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
    piece: '1\r\n.\r\n',
    said: /larger than 4 MiB/,
  },
};

describe('R8.5 the request at the end of a process', () => {
  for (const [name, { begin, piece, said }] of Object.entries(floods)) {
    test(`R8.5 is not held up until its timeout by an answer without end, ${name}`, async (t) => {
      const server = new Worker(SERVER, { eval: true, workerData: { begin, piece } });
      t.after(() => server.terminate());
      const [port] = (await once(server, 'message')) as [number];
      const transport = httpTransport(`http://127.0.0.1:${port}/v1/logs`, { timeoutMs: 15_000 });
      t.after(() => transport.close());
      const [outcome] = transport.sendSync([OWN], 15_000);
      assert.match(outcome?.message ?? '', said);
    });
  }
});
