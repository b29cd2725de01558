import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import winston from 'winston';
import { HubBridge } from '../../src/bridges/bridge-target.ts';
import { severityOfLevel } from '../../src/bridges/winston-record.ts';
import { WinstonTransport } from '../../src/bridges/winston.ts';
import type { WinstonTransportOptions } from '../../src/bridges/winston.ts';
import { createRecordingHub } from '../support/recording-hub.ts';

const { hub, records, attributes } = createRecordingHub();
const flushes: number[] = [];
const target = new HubBridge(hub, async (timeoutMs) => {
  await delay(5);
  flushes.push(timeoutMs);
});
const { format } = winston;

function open(options: WinstonTransportOptions = {}, logger: winston.LoggerOptions = {}): winston.Logger {
  const created = winston.createLogger({ level: 'silly', ...logger });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's types name a class, it takes any stream
  created.add(new WinstonTransport(target, options));
  return created;
}

function bodies(): unknown[] {
  return records.map(({ body }) => body);
}

describe('R3.7 the winston transport', { concurrency: 1 }, () => {
  afterEach(() => {
    records.length = flushes.length = 0;
  });

  test('R3.7 `finish` of the logger comes after what it logged is flushed', async () => {
    const logger = open();
    logger.info('last words');
    logger.end();
    await once(logger, 'finish');
    assert.deepEqual(bodies(), ['last words']);
    assert.deepEqual(flushes, [5_000]);
  });

  test('R3.7 a transport that two loggers share ends for both', async () => {
    const transport = new WinstonTransport(target, {});
    for (let i = 0; i < 2; i++) {
      const logger = winston.createLogger({ level: 'info' });
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- as above
      logger.add(transport);
      if (!transport.finished) logger.info(`logger ${i}`);
      logger.end();
      await once(logger, 'finish');
    }
    assert.deepEqual(bodies(), ['logger 0']);
  });

  test('R1.5 it takes what other transports take: by its level, not when silent, exceptions when asked', () => {
    open({ level: 'warn' }).info('below the level');
    open({ silent: true }).error('silent');
    open().log({ level: 'error', message: 'an exception', exception: true });
    open({ handleExceptions: true })
      .log({ level: 'error', message: 'a handled exception', exception: true })
      .exceptions.unhandle();
    open({ level: 'warn' }).error('above the level');
    assert.deepEqual(bodies(), ['a handled exception', 'above the level']);
  });

  test('R6.3 an exception is taken whatever its level, as winston’s own transports do', () => {
    const logger = open(
      { handleExceptions: true, level: 'urgent' },
      { levels: { urgent: 0, usual: 1 }, level: 'usual' },
    );
    logger.write({ level: 'error', [Symbol.for('level')]: 'error', message: 'uncaughtException: x', exception: true });
    assert.deepEqual(bodies(), ['uncaughtException: x']);
  });

  test('R1.5 ten thousand records in one tick all arrive, in order', () => {
    const logger = open();
    for (let i = 0; i < 10_000; i++) logger.info(`record ${i}`);
    assert.deepEqual(
      bodies(),
      Array.from({ length: 10_000 }, (_, i) => `record ${i}`),
    );
  });

  test('R3.7 a format of its own is applied, may filter, and costs no record when it throws', () => {
    const warnings: unknown[] = [];
    const filter = format((info) => (info.secret === true ? false : info));
    const upper = format((info) => ({ ...info, message: String(info.message).toUpperCase() }));
    const logger = open({ format: format.combine(filter(), upper()) });
    logger.info('shown');
    logger.info('hidden', { secret: true });
    const failing = open({
      format: format(() => {
        throw new Error('no');
      })(),
    });
    failing.on('warn', (warning) => warnings.push(warning));
    failing.info('as it came');
    assert.deepEqual(bodies(), ['SHOWN', 'as it came']);
    assert.equal(warnings.length, 1);
  });

  test('R3.7 levels of one’s own: by setting, by name, by their neighbours, by their place', () => {
    const levels = { critical: 0, audit: 1, info: 2, chatter: 3 };
    const logger = open({ levels: { chatter: 'trace' } }, { levels, level: 'chatter' });
    for (const level of Object.keys(levels)) logger.log(level, level);
    assert.deepEqual(
      records.map(({ severityText, severity }) => [severityText, severity]),
      [
        ['critical', 21],
        ['audit', 9],
        ['info', 9],
        ['chatter', 1],
      ],
    );
    const unknown = { a: 0, b: 1, c: 2, d: 3, e: 4 };
    assert.deepEqual(
      Object.keys(unknown).map((level) => severityOfLevel(level, unknown)),
      [17, 13, 9, 5, 5],
    );
    assert.equal(severityOfLevel('unheard of', unknown), 9);
  });

  test('R3.7 colours stay in the terminal', () => {
    open({}, { format: format.colorize({ all: true }) }).warn('careful');
    assert.deepEqual([records[0]?.body, records[0]?.severityText, records[0]?.severity], ['careful', 'warn', 13]);
  });

  test('R3.7 label, time, default metadata and positional arguments are kept', () => {
    const logger = open(
      {},
      {
        defaultMeta: { service: 'shop' },
        format: format.combine(format.label({ label: 'cart' }), format.timestamp(), format.splat()),
      },
    );
    logger.info('%s of %d', 'one', 2, { n: 1 });
    assert.equal(records[0]?.scope.name, 'winston.cart');
    assert.equal(records[0].body, 'one of 2');
    assert.deepEqual(attributes(0), { service: 'shop', n: 1 });
    assert.equal(records[0].time.nanos % 1e6, 0, "the time is winston's, in ms");
    open().info('without format.splat', { a: 1 }, { b: 2 }, 'tail');
    assert.equal(JSON.stringify(attributes(1)), '{"a":1,"splat":[{"b":2},"tail"]}');
    open().info('at noon', { timestamp: '2020-01-01T12:00:00.000Z' });
    assert.deepEqual(attributes(2), { timestamp: '2020-01-01T12:00:00.000Z' });
  });

  test('R3.7 an error is found wherever winston leaves it', () => {
    const failure = (): Error =>
      Object.assign(new TypeError('boom', { cause: new Error('inner') }), { code: 'E_BOOM' });
    const errors = format.errors({ stack: true, cause: true });
    for (const logger of [open(), open({}, { format: errors })]) {
      logger.error(failure());
      logger.error('payment_failed', failure());
      logger.error('it failed', { err: failure(), n: 1 });
      logger.log({ level: 'error', message: failure() as unknown as string });
      logger.error('serialised', {
        error: { name: 'TypeError', message: 'boom', stack: failure().stack, status: 402 },
      });
    }
    assert.equal(records.length, 10);
    for (const [i, { eventName }] of records.entries()) {
      const read = attributes(i);
      assert.equal(read['exception.type'], 'TypeError', String(i));
      assert.equal(read['exception.message'], 'boom', String(i));
      assert.match(String(read['exception.stacktrace']), /^TypeError: boom\n {4}at /);
      if (i % 5 < 4) {
        assert.match(String(read['exception.stacktrace']), /\nCaused by: Error: inner/, String(i));
        assert.equal(read['exception.code'], 'E_BOOM', String(i));
      }
      assert.deepEqual(
        Object.keys(read).filter((key) => !key.startsWith('exception.')),
        i % 5 === 2 ? ['n'] : [],
      );
      if (i % 5 === 1) assert.equal(eventName, 'payment_failed');
    }
    assert.equal(JSON.stringify(attributes(4)['exception.data']), '{"status":402}');
    assert.equal(
      attributes(0)['exception.data'],
      undefined,
      'the level that winston puts on an Error is none of its data',
    );
  });

  test('R3.7 an info whose every part throws is a record all the same', () => {
    const hostile = new Proxy(
      { level: 'info', message: 'x' },
      {
        get: () => {
          throw new Error('no');
        },
        ownKeys: () => {
          throw new Error('no');
        },
      },
    );
    const transport = new WinstonTransport(target, {});
    transport.write(hostile);
    transport.write({
      [Symbol.for('level')]: 'info',
      message: { nested: true },
      get bad() {
        throw new Error('no');
      },
    });
    assert.equal(records.length, 2);
    assert.deepEqual(attributes(1), { bad: '[Throws: no]' });
  });
});
