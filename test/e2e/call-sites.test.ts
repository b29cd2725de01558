/**
 * Call sites as they are, the real Collector at the other end: from sources, and bundled with the packed package into one
 * file that runs where no `node_modules` is.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { textOf } from '../bridges/run-bridge.ts';
import { assertNoSecrets } from '../bridges/value-forms.ts';
import { requireCollector, startCollector } from '../support/collector.ts';
import type { Collector, FlatLogRecord } from '../support/collector.ts';
import { bundle, bundleHalf, createProject, run, sourceOf } from './call-sites-apps.ts';
import type { Arrived, Format, Project } from './call-sites-apps.ts';
import { REGISTER, withBody } from './correlation-apps.ts';

const FORMATS: readonly Format[] = ['esm', 'cjs'];

/** The libraries of `shop.ts` as the table of levels names them, and the severities that each one's calls have. */
const SOLD: Readonly<Record<string, readonly number[]>> = {
  console: [9, 13, 17],
  'debug.shop.cart': [5, 5, 5],
  'pino.shop': [9, 13, 17],
  winston: [9, 13, 17],
};
/** Three records of each of the four, one of ours, one outside of the span. */
const ALL = 14;

let ready: { readonly collector: Collector; readonly project: Project } | undefined;

/** Starts the Collector and packs the package, for all tests; undefined where there is no Collector. */
async function start(t: TestContext): Promise<typeof ready> {
  if (ready !== undefined) return ready;
  const binary = await requireCollector(t);
  if (binary === undefined) return undefined;
  const project = await createProject();
  ready = { project, collector: await startCollector({ binary }) };
  return ready;
}

describe('call sites arrive at the Collector', { concurrency: 1 }, () => {
  after(async () => {
    await ready?.collector.stop();
    ready?.project.remove();
  });
  afterEach(async () => {
    if (ready !== undefined) assertNoSecrets(await readFile(ready.collector.outFile, 'utf8'));
  });

  test('R3.1 R3.7 R4.2 pino, winston, debug and console, unbundled: correlated, redacted, once', async (t) => {
    const { collector } = (await start(t)) ?? {};
    if (collector === undefined) return;
    const args = ['--import', REGISTER, sourceOf('bridged')];
    const arrived = await run(collector, { name: 'unbundled', args, cwd: import.meta.dirname, count: ALL });
    assertSold(arrived);
    assertOutside(arrived, ALL - 1);
  });

  for (const format of FORMATS) {
    test(`R3.1 R10.1 spanlog alone, in one file (${format}): correlated, redacted, once`, async (t) => {
      const { collector, project } = (await start(t)) ?? {};
      if (collector === undefined || project === undefined) return;
      const arrived = await runBundle(collector, await bundle(project, 'own', format), `own ${format}`, 4);
      const { records, span } = arrived;
      for (const body of ['order_placed', 'it failed']) {
        const record = withBody(records, body);
        assert.deepEqual([record.traceId, record.spanId], [span.traceId, span.spanId]);
        assert.equal(record.attributes.request_id, 'req-1');
      }
      const placed = withBody(records, 'order_placed');
      const { headers, ...rest } = placed.attributes;
      assert.deepEqual(rest, {
        ...{ component: 'cart', order_id: 7, request_id: 'req-1' },
        ...{ card: '[REDACTED:secret]', mail: '[REDACTED:pii]', password: '[REDACTED:password]' },
      });
      assert.match(JSON.stringify(headers), /REDACTED/);
      const paid = records.find(({ body }) => textOf(body).startsWith('paid with'));
      assert.equal(paid?.attributes.user_id, 'u-1');
      const failed = withBody(records, 'it failed');
      assert.equal(failed.attributes['exception.type'], 'RangeError');
      const before = withBody(records, 'before register');
      assert.deepEqual([before.traceId, before.attributes.request_id], ['', undefined]);
    });

    test(`R3.1 R3.7 R4.2 R10.1 pino, winston, debug and console, in one file (${format}): correlated, redacted, once`, async (t) => {
      const { collector, project } = (await start(t)) ?? {};
      if (collector === undefined || project === undefined) return;
      const file = await bundle(project, 'bridged', format);
      const arrived = await runBundle(collector, file, `bridged ${format}`, ALL);
      assertSold(arrived);
      assertOutside(arrived, ALL - 1);
    });

    test(`R3.4 R10.1 requests of node, express, fastify and hono, in one file (${format}): start, end and what is between`, async (t) => {
      const { collector, project } = (await start(t)) ?? {};
      if (collector === undefined || project === undefined) return;
      const file = await bundle(project, 'serving', format);
      const { records } = await runBundle(collector, file, `serving ${format}`, 4 * 10 * 4);
      for (const name of ['node', 'express', 'fastify', 'hono']) {
        for (let id = 0; id < 10; id++) assertRequest(records, name, id);
      }
    });

    test(`R3.1 R3.7 R10.1 a bundle (${format}) with a copy of spanlog beside the one of --import: one registry, each record once`, async (t) => {
      const { collector, project } = (await start(t)) ?? {};
      if (collector === undefined || project === undefined) return;
      const file = await bundleHalf(project, format);
      const arrived = await run(collector, {
        name: `half ${format}`,
        args: ['--import', 'spanlog/register', file],
        cwd: project.installed,
        // Also: logged inside, a warning of the process, start and end of the request, answered inside.
        count: ALL + 5,
      });
      assertSold(arrived);
      assertOutside(arrived, ALL - 1 + 5);
      const { records, span } = arrived;
      const inside = withBody(records, 'logged inside');
      assert.deepEqual([inside.traceId, inside.spanId], [span.traceId, span.spanId]);
      assert.deepEqual(inside.attributes, { request_id: 'req-1', user_id: 'u-1', password: '[REDACTED:password]' });
      for (const body of ['request_started', 'answered inside', 'request_completed']) {
        assert.equal(withBody(records, body).attributes.request_id, 'req-2');
      }
      assert.equal(withBody(records, 'careful').scope.name, 'process.warning');
    });
  }

  test('R1.4 one line of configuration quiets one library of a bundle', async (t) => {
    const { collector, project } = (await start(t)) ?? {};
    if (collector === undefined || project === undefined) return;
    const file = join(project.bare, 'bridged.mjs');
    const env = { SPANLOG_LEVELS: 'winston=off' };
    const { end, records } = await runBundle(collector, file, 'one quiet', ALL - 3, env);
    const names = new Set(records.map(({ scope }) => scope.name));
    assert.deepEqual([...names].sort(), ['console', 'debug.shop.cart', 'own', 'pino.shop']);
    assert.match(end.stdout, /"level":"info","message":"order_placed"/, 'winston prints as before');
  });
});

/** Runs a bundle where neither its folder nor one above it holds any package. */
async function runBundle(
  collector: Collector,
  file: string,
  name: string,
  count: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Arrived> {
  const cwd = dirname(file);
  for (let folder = cwd; folder !== parse(folder).root; folder = dirname(folder)) {
    assert.ok(!existsSync(join(folder, 'node_modules')), folder);
  }
  return run(collector, { name, args: [file], cwd, env, count });
}

/** The call sites of `shop.ts`: each one's record once, in the span and the scope around it, without its secrets. */
function assertSold({ end, records, span }: Arrived): void {
  for (const [source, severities] of Object.entries(SOLD)) {
    const inside = records.filter(({ scope, attributes }) => scope.name === source && 'request_id' in attributes);
    assert.equal(inside.length, 3, source);
    for (const { traceId, spanId, attributes } of inside) {
      assert.deepEqual([traceId, spanId, attributes.request_id], [span.traceId, span.spanId, 'req-1'], source);
    }
    const [placed, paid, failed] = inside as [FlatLogRecord, FlatLogRecord, FlatLogRecord];
    assert.deepEqual(
      inside.map(({ severityNumber }) => severityNumber),
      severities,
    );
    assert.match(textOf(placed.body), /^order_placed/);
    assert.equal(placed.attributes.order_id, 7);
    assert.equal(placed.attributes.password, '[REDACTED:password]');
    assert.match(JSON.stringify(placed.attributes.headers), /REDACTED/);
    assert.match(textOf(paid.body), /^paid with \[REDACTED/);
    if ('component' in paid.attributes) assert.equal(paid.attributes.password, '[REDACTED:password]');
    assert.match(textOf(failed.body), /^it failed/);
    assert.equal(failed.attributes['exception.type'], 'RangeError');
    assert.match(textOf(failed.attributes['exception.message']), /^card \[REDACTED.*was refused$/);
    assert.match(textOf(failed.attributes['exception.stacktrace']), /[cC]aused by: Error: Authorization: /);
  }
  // The children of those libraries that have some.
  const bound = records.filter(({ attributes }) => attributes.component === 'cart').map(({ scope }) => scope.name);
  assert.deepEqual(bound.sort(), ['pino.shop', 'winston']);
  assert.match(end.stdout, /"msg":"order_placed"/);
  assert.match(end.stderr, /shop:cart/);
}

/** Of all records only one belongs to no request. */
function assertOutside({ records }: Arrived, inside: number): void {
  assert.equal(records.filter(({ attributes }) => 'request_id' in attributes).length, inside);
  const { traceId, spanId, attributes } = withBody(records, 'outside of it');
  assert.deepEqual({ traceId, spanId, attributes }, { traceId: '', spanId: '', attributes: {} });
}

/** The four records of a request: each once, with its own id, in the trace that its caller named. */
function assertRequest(records: readonly FlatLogRecord[], server: string, id: number): void {
  const mine = records.filter(({ attributes }) => attributes.request_id === `${server}-${id}`);
  assert.deepEqual(
    mine.map(({ scope, body }) => [scope.name, body]),
    [
      ['http.server', 'request_started'],
      ['shop', 'order_asked'],
      ['pino.shop', 'order_read'],
      ['http.server', 'request_completed'],
    ],
    `${server}-${id}`,
  );
  for (const { traceId, spanId } of mine) {
    assert.deepEqual([traceId, spanId], [String(id).padStart(32, 'a'), String(id).padStart(16, 'b')]);
  }
  assert.equal(mine[1]?.attributes.password, '[REDACTED:password]');
  assert.match(textOf(mine[2]?.attributes.note), /^paid with \[REDACTED/);
  assert.equal(mine[3]?.attributes.status, 200);
}
