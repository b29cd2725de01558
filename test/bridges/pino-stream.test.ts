import assert from 'node:assert/strict';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, describe, test } from 'node:test';
import pino from 'pino';
import { HubBridge } from '../../src/bridges/bridge-target.ts';
import { severityOfNumber } from '../../src/bridges/pino-line.ts';
import { openPinoChannel, PinoStream } from '../../src/bridges/pino.ts';
import { createRecordingHub } from '../support/recording-hub.ts';

const { hub, records, attributes } = createRecordingHub();
let flushes = 0;
const target = new HubBridge(hub, () => Promise.resolve(flushes++));

function plain(index: number): unknown {
  return JSON.parse(JSON.stringify(attributes(index))) as unknown;
}

describe("R3.7 pino's stream", { concurrency: 1 }, () => {
  afterEach(() => {
    records.length = flushes = 0;
  });

  test('R3.7 the keys that a logger was given for message, error and fields are known', () => {
    const logger = pino(
      { messageKey: 'message', errorKey: 'problem', nestedKey: 'payload', base: null },
      new PinoStream(target, {}),
    );
    logger.error({ problem: new TypeError('boom'), n: 1 }, 'it failed');
    logger.child({ part: 'cart' }).info({ msg: 'a field' }, 'order_placed');
    logger.error(new RangeError('alone'));
    assert.deepEqual(
      records.map(({ body }) => body),
      ['it failed', 'order_placed', 'alone'],
    );
    assert.equal(attributes(0)['exception.type'], 'TypeError');
    assert.equal(JSON.stringify(attributes(0).payload), '{"n":1}');
    assert.deepEqual(plain(1), { part: 'cart', payload: { msg: 'a field' } });
    assert.equal(attributes(2)['exception.type'], 'RangeError');
    assert.equal(attributes(2).payload, undefined);
  });

  test('R3.7 mixin, formatters, serializers, redaction and prefixes of the logger are in force', () => {
    const logger = pino(
      {
        mixin: () => ({ mixed: true }),
        formatters: {
          level: (label) => ({ level: label }),
          bindings: () => ({ bound: 1 }),
          log: (o) => ({ ...o, logged: 1 }),
        },
        serializers: { user: (user: { id: number }) => user.id },
        redact: ['own.nick'],
        msgPrefix: '[cart] ',
      },
      new PinoStream(target, {}),
    );
    logger.warn({ user: { id: 7, name: 'ann' }, own: { nick: 'kept by pino' } }, 'hello');
    assert.equal(records[0]?.body, '[cart] hello');
    assert.deepEqual([records[0].severity, records[0].severityText], [13, 'warn']);
    assert.deepEqual(plain(0), { bound: 1, user: 7, own: { nick: '[Redacted]' }, mixed: true, logged: 1 });
  });

  test('R3.7 the time is that of the line, in each of pino’s forms', () => {
    const times = pino.stdTimeFunctions;
    const before = Math.floor(Date.now() / 1_000) - 1;
    for (const timestamp of [times.epochTime, times.isoTime, times.unixTime, times.isoTimeNano]) {
      pino({ timestamp, base: null }, new PinoStream(target, {})).info('timed');
    }
    pino({ timestamp: () => ',"@timestamp":"2026-02-03T04:05:06.789Z"', base: null }, new PinoStream(target, {})).info(
      'x',
    );
    pino({ timestamp: false, base: null }, new PinoStream(target, {})).info({ time: 'noon' }, 'without');
    for (const { time } of records.slice(0, 4)) assert.ok(time.seconds >= before && time.seconds < before + 60);
    assert.deepEqual(records[4]?.time, { seconds: 1_770_091_506, nanos: 789_000_000 });
    assert.deepEqual(plain(5), { time: 'noon' });
    for (let i = 0; i < 5; i++) assert.deepEqual(plain(i), {});
  });

  test('R3.7 a field of the call that is called like a time is no time of the record', () => {
    const stream = new PinoStream(target, {});
    const before = Math.floor(Date.now() / 1_000) - 1;
    pino({ base: null }, stream).info({ time: 1_500_000_000_000 }, 'imported');
    pino({ base: null, timestamp: false }, stream).info({ timestamp: '2017-07-14T02:40:00.000Z' }, 'imported');
    for (const { time } of records) assert.ok(time.seconds >= before);
    assert.deepEqual([plain(0), plain(1)], [{ time: 1_500_000_000_000 }, { timestamp: '2017-07-14T02:40:00.000Z' }]);
  });

  test('R1.4 R3.7 the name of an object that a child is bound to is no name of the logger', () => {
    const logger = pino({ name: 'shop', base: {} }, new PinoStream(target, {}));
    logger.child({ user: { id: 7, name: 'Alice' } }).info('a');
    logger.child({ note: '{","name":"b"}' }).info('b');
    logger.child({ tags: ['name', 'x'] }).info('c');
    assert.deepEqual(
      records.map(({ scope }) => scope.name),
      ['pino.shop', 'pino.shop', 'pino.shop'],
    );
    assert.deepEqual(plain(0), { user: { id: 7, name: 'Alice' } });
  });

  test('R3.7 the logger’s name is its name binding, never a field that is called so', () => {
    const stream = new PinoStream(target, {});
    pino({ name: 'shop' }, stream).info({ name: 'bob' }, 'a');
    pino({}, stream).info({ name: 'bob' }, 'b');
    pino({ name: 'shop' }, stream).child({ name: 'shop.cart' }).info('c');
    assert.deepEqual(
      records.map(({ scope }) => scope.name),
      ['pino.shop', 'pino', 'pino.shop.cart'],
    );
    assert.deepEqual([plain(0), plain(1), plain(2)], [{ name: 'bob' }, { name: 'bob' }, {}]);
  });

  test('R3.7 every number of a level has a severity, in the order of the numbers', () => {
    const numbers = [-5, 0, 1, 10, 15, 20, 29.9, 30, 35, 40, 50, 60, 65, 70, 1e9, Infinity];
    const severities = numbers.map(severityOfNumber);
    assert.deepEqual(severities, [1, 1, 1, 1, 3, 5, 8, 9, 11, 13, 17, 21, 23, 24, 24, 24]);
    assert.equal(severityOfNumber(NaN), 9);
    assert.equal(severityOfNumber(undefined), 9);
    const levels = { emerg: 0, audit: 1, debug: 2 };
    const logger = pino(
      { customLevels: levels, useOnlyCustomLevels: true, levelComparison: 'DESC', level: 'debug' },
      new PinoStream(target, { levels: { audit: 'warn' } }),
    );
    for (const level of ['emerg', 'audit', 'debug'] as const) logger[level](level);
    assert.deepEqual(
      records.map(({ severity }) => severity),
      [23, 13, 5],
    );
  });

  test('R3.7 lines of another process arrive whole, however they are cut, and what is no JSON as text', async () => {
    const line = JSON.stringify({
      level: 50,
      time: 1_770_091_506_789,
      pid: 1,
      hostname: hostname(),
      msg: 'grün',
      err: {
        type: 'PaymentError',
        message: 'no',
        stack: 'PaymentError: no\n    at x',
        status: 402,
        request: { id: 5 },
      },
      big: 'BIG',
    }).replace('"BIG"', '9007199254740993');
    const bytes = Buffer.from(`${line}\nlistening on 8080\n${line}\n{"level":30,"msg":"the last, without an end"}`);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.subarray(i * 7, i * 7 + 7));
    await pipeline(Readable.from(chunks), new PinoStream(target, {}));
    assert.deepEqual(
      records.map(({ body, severity }) => [body, severity]),
      [
        ['grün', 17],
        ['listening on 8080', 9],
        ['grün', 17],
        ['the last, without an end', 9],
      ],
    );
    const read = attributes(0);
    assert.equal(read['exception.type'], 'PaymentError');
    assert.deepEqual([read.pid, read.big], [1, 9_007_199_254_740_993n]);
    assert.equal(JSON.stringify(read['exception.data']), '{"status":402}');
    assert.equal(JSON.stringify(read.err), '{"request":{"id":5}}');
    assert.ok(flushes > 0, 'the end waits for a flush');
  });

  test('R1.5 the destination gets every line, and what it throws stays out of the log call', async () => {
    const warned = once(process, 'warning') as Promise<[Error]>;
    const written = new PassThrough();
    const logger = pino(new PinoStream(target, { destination: written }));
    logger.info('one');
    assert.match(String(written.read()), /"msg":"one"\}\n$/);
    const failing = pino(
      new PinoStream(target, {
        destination: {
          write() {
            throw new Error('it is closed');
          },
        },
      }),
    );
    failing.info('two');
    failing.info('three');
    assert.equal(records.length, 3);
    assert.match((await warned)[0].message, /destination of pinoStream failed: it is closed/);
  });

  test('R3.7 logger.flush calls back', async () => {
    const logger = pino(new PinoStream(target, {}));
    logger.info('one');
    await new Promise<void>((resolve) => logger.flush(() => resolve()));
    assert.equal(flushes, 1);
  });

  test('R3.7 logger.flush calls back though the destination throws, which is told', async () => {
    const warned = once(process, 'warning') as Promise<[Error]>;
    const destination = {
      write: () => true,
      flush: () => {
        throw new Error('it is destroyed');
      },
    };
    const logger = pino(new PinoStream(target, { destination }));
    await new Promise<void>((resolve) => logger.flush(() => resolve()));
    assert.match((await warned)[0].message, /destination of pinoStream failed: it is destroyed/);
  });

  test('R3.7 what hooks.streamWrite hides is hidden, on the channel too, and what it throws costs the record', () => {
    const close = openPinoChannel(target, {});
    const streamWrite = (line: string): string => {
      if (line.includes('unwritable')) throw new Error('no');
      return line.replaceAll('maiden name', '***');
    };
    const logger = pino({ base: null, hooks: { streamWrite } }, new PassThrough());
    logger.info('her maiden name');
    assert.throws(() => logger.info('unwritable'));
    pino({ base: null }, new PassThrough()).info('without a hook');
    close();
    assert.deepEqual(
      records.map(({ body }) => body),
      ['her ***', 'without a hook'],
    );
  });

  test('R3.7 the channel gives way to messages that are not pino’s', async () => {
    const { channel } = await import('node:diagnostics_channel');
    const close = openPinoChannel(target, {});
    for (const message of [{}, { result: 5 }, { result: '{"msg":"alone"}' }]) {
      channel('tracing:pino_asJson:end').publish(message);
    }
    close();
    assert.deepEqual(
      records.map(({ body }) => body),
      ['alone'],
    );
  });
});
