import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChild } from '../support/child-process.ts';
import { REGISTER } from './app.ts';
import { startReceiving } from './receiving.ts';

const WARNS = "process.emitWarning('the old way', { type: 'DeprecationWarning', code: 'DEP_SHOP' })";

test('R6.3 what Node warns of is logged at WARN, once, and printed as without us', async (t) => {
  const receiving = await startReceiving(t);
  const { stderr, code } = await runChild({ args: [...REGISTER, '-e', WARNS], env: receiving.env });
  assert.equal(code, 0);
  const records = receiving.records().filter(({ logger }) => logger === 'process.warning');
  assert.deepEqual(
    records.map(({ body, severity, attributes }): unknown[] => [body, severity, attributes['exception.type']]),
    [['the old way', 13, 'DeprecationWarning']],
  );
  assert.match(stderr, /\[DEP_SHOP\] DeprecationWarning: the old way/);
});

test('R6.3 warnings: false leaves warnings to Node, and one line of levels quiets them', async (t) => {
  for (const off of [{ SPANLOG_WARNINGS: 'false' }, { SPANLOG_LEVELS: 'process.warning=error' }]) {
    const receiving = await startReceiving(t);
    const { stderr } = await runChild({ args: [...REGISTER, '-e', WARNS], env: { ...receiving.env, ...off } });
    assert.deepEqual(receiving.records(), []);
    assert.match(stderr, /the old way/);
  }
});
