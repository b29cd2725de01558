import assert from 'node:assert/strict';
import { Console } from 'node:console';
import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import type { Writable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import { OpenTelemetryTransportV3 } from '@opentelemetry/winston-transport';
import createDebug from 'debug';
import type pinoModule from 'pino';
import winston from 'winston';
import { bridgeConsole, bridgeDebug, bridgePino, pinoStream, winstonTransport } from '../../src/bridges.ts';
import { textOf } from './run-bridge.ts';
import { startRunning } from './running.ts';
import type { Running } from './running.ts';

/** pino as the instrumentation has to meet it; only loggers made of `instrumented` are seen by it. */
const require = createRequire(import.meta.url);
registerInstrumentations({ instrumentations: [new PinoInstrumentation()] });
const instrumented = require('pino') as typeof pinoModule;

let running: Running;

before(async () => {
  running = await startRunning();
});

after(() => running.close());

/** Scopes and bodies of what arrived, sorted: requests group by scope. */
async function arrived(): Promise<string[]> {
  return (await running.arrivals()).map(({ scope, body }) => `${scope}: ${textOf(body)}`).sort();
}

function loggerWith(transports: readonly Writable[]): winston.Logger {
  const logger = winston.createLogger();
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's types name a class, it takes any stream
  for (const transport of transports) logger.add(transport);
  return logger;
}

function sink(): PassThrough {
  return new PassThrough().resume();
}

describe('R1.5 one call is one record, whatever ways are open', { concurrency: 1 }, () => {
  test('pino by its stream and by instrumentation-pino', async () => {
    const logger = instrumented({ name: 'both' }, pinoStream());
    logger.info('one');
    logger.info('one');
    logger.error({ err: new Error('x') }, 'two');
    assert.equal((await arrived()).length, 3);
  });

  test('pino by its channel, its stream and instrumentation-pino', async () => {
    const close = bridgePino();
    const again = bridgePino();
    const first = instrumented({ name: 'a' }, pinoStream());
    const second = instrumented({ name: 'b' }, sink());
    for (const logger of [first, second, first]) logger.info('the same text');
    close();
    again();
    assert.deepEqual(await arrived(), ['pino.a: the same text', 'pino.a: the same text', 'pino.b: the same text']);
    second.info('by instrumentation-pino alone');
    assert.deepEqual(await arrived(), ['@opentelemetry/instrumentation-pino: by instrumentation-pino alone']);
  });

  test('pino with two of our streams in one multistream', async () => {
    const logger = instrumented({}, instrumented.multistream([{ stream: pinoStream() }, { stream: pinoStream() }]));
    const same = { shared: true };
    logger.info(same, 'twice');
    logger.info(same, 'twice');
    assert.equal((await arrived()).length, 2);
  });

  for (const order of ['ours first', 'ours last']) {
    test(`winston by our transport and by OpenTelemetry's, ${order}`, async () => {
      const both = [winstonTransport(), new OpenTelemetryTransportV3()];
      const logger = loggerWith(order === 'ours first' ? both : both.toReversed());
      const failure = new Error('no');
      logger.info('one', { n: 1 });
      logger.info('one', { n: 2 });
      logger.error('payment_failed', failure);
      logger.error('payment_failed', failure);
      assert.equal((await arrived()).length, 4);
    });
  }

  test('winston with two of our transports on one logger, and one each on two', async () => {
    const logger = (count: number): winston.Logger =>
      loggerWith(Array.from({ length: count }, () => winstonTransport()));
    const two = logger(2);
    const same = new Error('the same error');
    two.info('once');
    two.error(same);
    two.error(same);
    assert.equal((await arrived()).length, 3);
    for (const one of [logger(1), logger(1)]) one.info('each of them');
    assert.deepEqual(await arrived(), ['winston: each of them', 'winston: each of them']);
  });

  test('debug that prints on a bridged console', async () => {
    const printing = new Console(sink());
    const closers = [bridgeConsole({ console: printing }), bridgeDebug(createDebug), bridgeDebug(createDebug)];
    createDebug.enable('shop:*');
    const log = createDebug('shop:cart');
    // As debug's manual shows it.
    log.log = printing.info.bind(printing);
    log('one of %d', 1);
    log('one of %d', 1);
    printing.info('of the console');
    for (const close of closers) close();
    assert.deepEqual(await arrived(), [
      'console: of the console',
      'debug.shop.cart: one of 1',
      'debug.shop.cart: one of 1',
    ]);
  });

  test('a console that is bridged twice', async () => {
    const printing = new Console(sink());
    const close = bridgeConsole({ console: printing });
    bridgeConsole({ console: printing })();
    printing.info('once');
    close();
    assert.deepEqual(await arrived(), ['console: once']);
  });

  test('what is logged again later is a record again, whichever way it comes', async () => {
    const stream = pinoStream();
    const line = '{"level":30,"msg":"hello"}\n';
    stream.write(line);
    await Promise.resolve();
    instrumented({}, sink()).info('hello');
    assert.deepEqual(await arrived(), ['@opentelemetry/instrumentation-pino: hello', 'pino: hello']);
  });
});
