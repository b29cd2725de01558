import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { LevelControl } from '../../src/level-control.ts';
import { createRecordingHub } from '../support/recording-hub.ts';
import type { Recording } from '../support/recording-hub.ts';

interface Controlled extends Recording {
  readonly control: LevelControl;
  /** Fields of the record of each change. */
  readonly changes: () => unknown[];
}

function createControlled(t: TestContext): Controlled {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const recording = createRecordingHub();
  const changes = (): unknown[] =>
    recording.records.flatMap(({ eventName }, i) => (eventName === 'level_changed' ? [recording.attributes(i)] : []));
  return { ...recording, control: new LevelControl(recording.hub), changes };
}

test('R1.3 a change is one record of the logger spanlog, and so is its expiry', (t) => {
  const { control, records, changes } = createControlled(t);
  control.set('checkout', 'debug', 600_000);
  t.mock.timers.tick(600_000);
  assert.deepEqual(changes(), [
    { prefix: 'checkout', from: 'info', to: 'debug', for_ms: 600_000, by: 'api' },
    { prefix: 'checkout', from: 'debug', to: 'info', by: 'expiry' },
  ]);
  assert.deepEqual(
    records.map(({ scope, severity, eventName }) => [scope.name, severity, eventName]),
    [
      ['spanlog', 9, 'level_changed'],
      ['spanlog', 9, 'level_changed'],
    ],
  );
});

test('R1.3 a change is logged whatever the levels are, and one that changes nothing is not', (t) => {
  const { control, changes } = createControlled(t);
  control.set('', 'off', undefined);
  control.set('', 'off', undefined);
  control.set('db', undefined, undefined);
  assert.deepEqual(changes(), [{ prefix: '', from: 'info', to: 'off', by: 'api' }]);
});

test('R1.3 R1.4 loggers, their children and bridged ones made before a change follow at once', (t) => {
  const { hub, control } = createControlled(t);
  const child = hub.getLogger('checkout.payments').child({ a: 1 });
  const bridged = { scope: hub.createScope('pino.noisy'), threshold: 0, level: 0 };
  hub.levels.attachBridged(bridged);
  assert.equal(child.isEnabled('debug'), false);
  control.set('checkout', 'debug', 1_000);
  control.set('pino', 'error', 1_000);
  assert.deepEqual([child.isEnabled('debug'), bridged.threshold], [true, 17]);
  t.mock.timers.tick(1_000);
  assert.deepEqual([child.isEnabled('debug'), bridged.threshold], [false, 0]);
});

test('R1.3 the signal returns to what was set before it, and something set since is left alone', (t) => {
  const { hub, control, changes } = createControlled(t);
  control.set('', 'warn', undefined);
  control.toggleDebug(undefined);
  control.toggleDebug(undefined);
  assert.equal(hub.levels.thresholdOf('any'), 13);
  control.toggleDebug(undefined);
  control.set('', 'error', undefined);
  control.toggleDebug(1_000);
  assert.equal(hub.levels.thresholdOf('any'), 5);
  t.mock.timers.tick(1_000);
  assert.equal(hub.levels.thresholdOf('any'), 17);
  assert.deepEqual(
    changes().map((change) => (change as { by: string }).by),
    ['api', 'signal', 'signal', 'signal', 'api', 'signal', 'expiry'],
  );
});

test('R1.3 levels that the file says change by prefix, beneath what was set at run time', (t) => {
  const { hub, control, changes } = createControlled(t);
  const before = { level: 9, levels: new Map([['gone', 17]]) };
  hub.levels.configure(before);
  control.set('pinned', 'error', undefined);
  control.follow(
    {
      level: 13,
      levels: new Map([
        ['new', 5],
        ['pinned', 1],
      ]),
    },
    before,
  );
  assert.deepEqual(changes().slice(1), [
    { prefix: '', from: 'info', to: 'warn', by: 'file' },
    { prefix: 'gone', from: 'error', to: 'warn', by: 'file' },
    { prefix: 'new', from: 'info', to: 'debug', by: 'file' },
  ]);
  assert.equal(hub.levels.thresholdOf('pinned'), 17);
});

test('R1.3 what is no prefix and no time is refused with the fix, and changes nothing', (t) => {
  const { hub, control, changes } = createControlled(t);
  const careless = control as unknown as { set(...args: unknown[]): void };
  for (const prefix of [undefined, null, 5, ['a']]) {
    assert.throws(
      () => careless.set(prefix, 'debug'),
      /^TypeError: setLevel needs a logger's name or the beginning of one/,
    );
  }
  for (const forMs of [0, -1, NaN, '5', {}]) {
    assert.throws(() => careless.set('db', 'debug', forMs), /^TypeError: forMs must be a number of milliseconds/);
  }
  assert.deepEqual([changes(), hub.levels.thresholdOf('db')], [[], 9]);
});
