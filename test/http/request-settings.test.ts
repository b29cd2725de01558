import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { createPathMatch, pathOf } from '../../src/http/path-rules.ts';
import { readRequestSettings } from '../../src/http/request-settings.ts';
import type { RequestLoggingOptions } from '../../src/http/request-settings.ts';
import { requestLogging as expressLogging } from '../../src/express.ts';
import { requestLogging as fastifyLogging } from '../../src/fastify.ts';
import { requestLogging as honoLogging } from '../../src/hono.ts';
import { requestLogging as koaLogging } from '../../src/koa.ts';
import { requestLogging as nodeLogging } from '../../src/node.ts';

const BAD: readonly (readonly [options: unknown, message: RegExp])[] = [
  [null, /requestLogging takes an object of options, got null/],
  ['/healthz', /takes an object of options, got "\/healthz"/],
  [{ slowms: 5 }, /slowms is no option.*did you mean slowMs\?/],
  [{ colour: 'red' }, /colour is no option.*use one of logger, /],
  [{ slowMs: '5s' }, /slowMs is "5s".*milliseconds from 0 up/],
  [{ slowMs: -1 }, /slowMs is -1/],
  [{ slowMs: NaN }, /slowMs is NaN/],
  [{ logger: ' ' }, /logger is " "/],
  [{ startLevel: 'loud' }, /startLevel is "loud".*trace, debug/],
  [{ level: 'warn' }, /level is "warn".*levels by class/],
  [{ level: { '6xx': 'warn' } }, /level\.6xx is no class/],
  [{ level: { '4xx': 'loud' } }, /level\.4xx is "loud"/],
  [{ quiet: '/healthz' }, /quiet is "\/healthz".*a list of paths/],
  [{ quiet: ['healthz'] }, /quiet\[0\] is "healthz".*begins with '\/'/],
  [{ ignore: [7] }, /ignore\[0\] is 7/],
  [{ requestIdHeader: 'x request id' }, /requestIdHeader is "x request id"/],
  [{ createRequestId: 'uuid' }, /createRequestId is "uuid".*give a function/],
  [{ fields: {} }, /fields is an object.*give a function/],
  [{ trustRequestId: 'no' }, /trustRequestId is "no".*true or false/],
  [{ clientAddress: 'yes' }, /clientAddress is "yes"/],
];

test('R3.4 a bad option is refused at start by every adapter, by name and with the fix', async () => {
  for (const [given, message] of BAD) {
    const options = given as RequestLoggingOptions<never>;
    for (const requestLogging of [nodeLogging, expressLogging, koaLogging, honoLogging]) {
      assert.throws(() => void (requestLogging as (given: typeof options) => unknown)(options), {
        name: 'TypeError',
        message,
      });
    }
  }
  const app = fastify();
  await assert.rejects(async () => app.register(fastifyLogging, { slowms: 5 } as never), /did you mean slowMs/);
});

test('R3.4 a handler that is none is refused when it is wrapped', () => {
  assert.throws(() => nodeLogging()(undefined as never), /wraps a function .*got undefined/);
});

test('R3.4 levels are set by class, by function, or not at all', () => {
  const outcome = { method: 'GET', path: '/', route: undefined, durationMs: 1, bytes: 0, error: undefined };
  const ended = (
    kind: 'completed' | 'failed' | 'cancelled',
    status: number,
  ): Parameters<ReturnType<typeof read>>[0] => ({
    ...outcome,
    kind,
    status,
  });
  const read = (level?: RequestLoggingOptions['level']) =>
    readRequestSettings({ ...(level !== undefined && { level }) }).levelOf;
  const defaults = read();
  assert.deepEqual(
    [
      ended('completed', 200),
      ended('completed', 404),
      ended('failed', 503),
      ended('failed', 200),
      ended('cancelled', 499),
    ].map(defaults),
    ['info', 'info', 'error', 'error', 'info'],
  );
  const classes = read({ '2xx': 'off', '4xx': 'WARNING', failed: 'fatal', cancelled: 13 });
  assert.deepEqual(
    [
      ended('completed', 204),
      ended('completed', 404),
      ended('failed', 503),
      ended('failed', 200),
      ended('cancelled', 200),
    ].map(classes),
    [undefined, 'warn', 'error', 'fatal', 'warn'],
  );
  const byStatus = read(({ status }) => (status === 404 ? 'debug' : undefined));
  assert.deepEqual([byStatus(ended('completed', 404)), byStatus(ended('failed', 500))], ['debug', 'error']);
});

test('R3.4 path rules match exactly, below, by pattern and by function; one that throws does not match', () => {
  const matches = createPathMatch([
    '/healthz',
    '/internal/*',
    /\.png$/g,
    (path) => path === '/by-function',
    () => {
      throw new Error('mine');
    },
  ]);
  for (const path of ['/healthz', '/internal', '/internal/a/b', '/a.png', '/a.png', '/by-function']) {
    assert.ok(matches(path), path);
  }
  for (const path of ['/healthz/', '/healthzz', '/internals', '/a.pngx', '/']) assert.ok(!matches(path), path);
});

test('R3.4 a path is logged without query, fragment, host and credentials', () => {
  const cases: Readonly<Record<string, string>> = {
    '/a/b?c=d': '/a/b',
    '/a#b?c': '/a',
    '/': '/',
    '': '/',
    '*': '*',
    '?a': '/',
    'http://user:secret@host:80/a?b': '/a',
    'https://host': '/',
    '//host/a': '//host/a',
  };
  for (const [target, path] of Object.entries(cases)) assert.equal(pathOf(target), path, target);
});
