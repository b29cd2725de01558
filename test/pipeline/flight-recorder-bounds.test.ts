import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import { createRecorded } from './recorder-hub.ts';

/** The last `count` of the numbers below `end`. */
function newest(count: number, end: number): number[] {
  return Array.from({ length: count }, (_, i) => end - count + i);
}

test('R5.5 what follows a release passes, as much as a ring holds; then it is held again until the next', () => {
  const { hub, events, within, check } = createRecorded({ maxBytes: 4_000 });
  const log = hub.getLogger('jobs');
  const text = 'x'.repeat(500);
  within(() => {
    log.debug('before');
    log.error('failed');
    for (let i = 0; i < 40; i++) log.debug('after', { i, text });
    const passed = events().filter((event) => event === 'after').length;
    assert.ok(passed >= 2 && passed < 10, `${passed} passed`);
    log.error('failed_again');
    assert.ok(events().filter((event) => event === 'after').length > passed);
    assert.equal(events().at(-1), 'failed_again');
  });
  check();
});

test('R5.5 of a ring that is full the oldest go first, and no ring takes more than it may', () => {
  const { hub, arrived, within, check, recorder, ledger } = createRecorded({ maxBytes: 8_192 });
  const log = hub.getLogger('jobs');
  within(() => {
    for (let i = 0; i < 200; i++) {
      log.debug('step', { i });
      assert.ok(recorder.bytes <= 8_192 + 2 * 2_048);
    }
    log.debug('huge', { text: 'x'.repeat(20_000) });
    log.error('failed');
  });
  const steps = arrived.filter(({ event }) => event === 'step').map(({ fields }) => fields.i as number);
  assert.ok(steps.length > 5 && steps.length < 40, `${steps.length} steps`);
  assert.deepEqual(steps, newest(steps.length, 200));
  assert.equal(ledger().destinations.json?.discarded, 200 - steps.length + 1);
  check();
});

test('R5.5 when all rings are full the oldest one gives way, one whose scope has returned before one that runs', async () => {
  const { hub, arrived, events, within, check, recorder } = createRecorded({
    maxBytes: 64 * 1_024,
    totalBytes: 64 * 1_024,
  });
  const log = hub.getLogger('jobs');
  const text = 'x'.repeat(700);
  let fail = (): void => undefined;
  const open = within(async () => {
    log.debug('first', { text });
    await new Promise<void>((resolve) => (fail = resolve));
    log.error('first_failed');
  });
  for (let i = 0; i < 100; i++) {
    within(() => log.debug('left', { text }));
    assert.ok(recorder.bytes <= 64 * 1_024, `${recorder.bytes} bytes`);
  }
  fail();
  await open;
  assert.deepEqual(events(), ['first', 'first_failed']);
  check();
  // Now all of them run.
  const ends: (() => void)[] = [];
  const running = Array.from({ length: 100 }, (_, i) =>
    within(async () => {
      log.debug('running', { i, text });
      await new Promise<void>((resolve) => ends.push(resolve));
      log.error('running_failed');
    }),
  );
  assert.ok(recorder.bytes <= 64 * 1_024);
  for (const end of ends) end();
  await Promise.all(running);
  const kept = arrived.filter(({ event }) => event === 'running').map(({ fields }) => fields.i as number);
  assert.ok(kept.length > 10 && kept.length < 100, `${kept.length} were kept`);
  assert.deepEqual(kept, newest(kept.length, 100));
  check();
});

test('R5.5 what is held too long is discarded, also of a request that never ends', () => {
  const { hub, events, within, check, pass, ledger, recorder } = createRecorded({ maxAgeMs: 1_000 });
  const log = hub.getLogger('jobs');
  void within(async () => {
    log.debug('old');
    await new Promise(() => undefined);
  });
  within(() => log.debug('returned'));
  assert.equal(ledger().destinations.json?.pending, 2);
  pass(1_200);
  assert.equal(ledger().destinations.json?.pending, 0);
  assert.equal(ledger().destinations.json?.discarded, 2);
  assert.equal(recorder.bytes, 0);
  assert.deepEqual(events(), []);
  check();
});

test('R5.5 what goes on behind a scope that has returned is held with it, and released by an ERROR of its own', async () => {
  const { hub, events, within, check, pass, ledger } = createRecorded({ maxAgeMs: 1_000 });
  const log = hub.getLogger('jobs');
  const middleware = (fails: boolean): Promise<void> => {
    let done = Promise.resolve();
    within(() => {
      log.debug('asked');
      done = (async () => {
        await nextTurn();
        log.debug('answered');
        if (fails) log.error('failed');
      })();
      return undefined;
    });
    return done;
  };
  await Promise.all([middleware(false), middleware(true)]);
  assert.deepEqual(events(), ['asked', 'answered', 'failed']);
  // The same behind a promise that has settled: what it held is gone, what comes later waits for its age.
  await within(async () => {
    log.debug('in_time');
    setImmediate(() => log.debug('in_the_background'));
    return Promise.resolve();
  });
  await nextTurn();
  await nextTurn();
  assert.equal(ledger().destinations.json?.pending, 3);
  pass(1_200);
  assert.equal(ledger().destinations.json?.pending, 0);
  check();
});

test('R5.5 a scope that takes longer than slowMs lets out what it holds', async () => {
  const { hub, events, within, check, time } = createRecorded({ slowMs: 100 });
  const log = hub.getLogger('jobs');
  await within(async () => {
    log.debug('quick');
    time.pass(99);
    return Promise.resolve();
  });
  await within(async () => {
    log.debug('slow');
    time.pass(100);
    return Promise.resolve();
  });
  within(() => {
    log.debug('slow_at_once');
    time.pass(100);
  });
  assert.deepEqual(events(), ['slow', 'slow_at_once']);
  check();
});
