import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runChild } from '../support/child-process.ts';
import { join } from 'node:path';
import { assertInSpan, runBridge, stable, textOf } from './run-bridge.ts';
import { assertNoSecrets } from './value-forms.ts';

const SOURCES = ['console', 'debug.shop.cart', 'pino.channel', 'pino.stream', 'winston'];

describe('R3.7 all bridges in one process', { concurrency: 1 }, () => {
  test('R3.7 R6.3 each call of each library is one record, in its trace and redacted', async (t) => {
    const run = await runBridge(t, 'bridges');
    const { records, wire } = run;
    assertNoSecrets(wire);
    for (const record of records) assertInSpan(record, run);
    for (const source of SOURCES) {
      const mine = records.filter(({ scope }) => scope === source);
      assert.equal(mine.length, 4, source);
      const [placed, , , failed] = mine;
      assert.equal(placed?.attributes.order_id, 7n);
      assert.match(textOf(placed.body), /^order_placed/);
      assert.equal(failed?.attributes['exception.type'], 'PaymentError');
      assert.equal(failed.attributes['exception.message'], 'the gateway said no');
      assert.match(textOf(failed.attributes['exception.stacktrace']), /both tries failed/);
    }
    const [warning] = records.filter(({ scope }) => scope === 'process.warning');
    assert.deepEqual([warning?.body, warning?.severityNumber], ['careful', 13]);
    assert.equal(records.length, SOURCES.length * 4 + 1);
  });

  test('R1.5 stdout and stderr show what they show without spanlog', async (t) => {
    const { end } = await runBridge(t, 'bridges');
    const without = await runChild({ args: [join(import.meta.dirname, 'apps', 'bridges.ts'), '--bare'] });
    assert.equal(without.code, 0, without.stderr);
    assert.equal(comparable(end.stdout), comparable(without.stdout));
    assert.equal(comparable(end.stderr), comparable(without.stderr));
  });

  test('R1.4 one line of configuration quiets one library', async (t) => {
    for (const [prefix, quiet] of [
      ['pino', ['pino.channel', 'pino.stream']],
      ['debug.shop', ['debug.shop.cart']],
      ['console', ['console']],
    ] as const) {
      const { records } = await runBridge(t, 'bridges', { env: { SPANLOG_LEVELS: `${prefix}=off` } });
      const left = SOURCES.filter((source) => !(quiet as readonly string[]).includes(source));
      for (const source of SOURCES) {
        assert.equal(records.filter(({ scope }) => scope === source).length, left.includes(source) ? 4 : 0, source);
      }
    }
  });
});

/** Without what differs between runs, and without the frames, which the loader's own differ in. */
function comparable(output: string): string {
  return stable(output)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/"pid":\d+|\(node:\d+\)/g, '<pid>')
    .replaceAll(/(?:\n +at [^\n]*)+/g, '')
    .replaceAll(/(?:\\n +at [^\\"]*)+/g, '');
}
