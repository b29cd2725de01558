import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { SEVERITY } from '../../src/core/level.ts';
import { createRecorded, inTrace } from './recorder-hub.ts';

/** Mulberry32: the same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A scope as an application has it: it is entered again and again, from wherever, until it ends. */
interface OpenScope {
  readonly id: number;
  readonly enter: (fn: () => void) => void;
  readonly end: (fails: boolean) => Promise<void>;
}

const SEEDS = 60;
const STEPS = 250;

test('R5.5 whatever scopes, traces, levels and errors come in whatever order: all is counted, in order, once, and bounded', async () => {
  let released = 0;
  let discarded = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const draw = random(seed);
    const pick = (count: number): number => Math.floor(draw() * count);
    const totalBytes = 64 * 1_024;
    const recorded = createRecorded({
      maxBytes: 2_000 + pick(20_000),
      totalBytes,
      maxAgeMs: 500 + pick(2_000),
      slowMs: draw() < 0.3 ? 300 : Infinity,
    });
    const { hub, recorder, within, arrived, check, pass, ledger } = recorded;
    const log = hub.getLogger('random');
    const open: OpenScope[] = [];
    let scopes = 0;
    let logged = 0;
    const begin = (): void => {
      const id = scopes++;
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      let enter = (fn: () => void): void => fn();
      const run = within(() => {
        enter = inScope();
        return draw() < 0.8 ? promise : undefined;
      });
      open.push({
        id,
        enter: (fn) => enter(fn),
        async end(fails) {
          if (fails) reject(new Error('boom'));
          else resolve(undefined);
          await Promise.allSettled([promise, run]);
        },
      });
    };
    const write = (scope: number): void => {
      const level = (['trace', 'debug', 'debug', 'debug', 'debug', 'info', 'warn', 'error'] as const)[
        pick(draw() < 0.2 ? 8 : 7)
      ];
      log[level ?? 'debug']('step', { n: logged++, scope, text: 'x'.repeat(draw() < 0.05 ? 9_000 : pick(300)) });
    };
    for (let step = 0; step < STEPS; step++) {
      const scope = open[pick(open.length)];
      const what = draw();
      if (scope === undefined || what < 0.06) begin();
      else if (what < 0.6) scope.enter(() => (draw() < 0.2 ? within(() => write(scope.id)) : write(scope.id)));
      else if (what < 0.8) {
        inTrace(`${pick(4)}a`, () => (draw() < 0.5 ? write(-1) : scope.enter(() => write(scope.id))));
      } else if (what < 0.86) pass(pick(400));
      else if (what < 0.9) {
        const span = { traceId: `${pick(4)}a`.padEnd(32, '0'), hasFailed: draw() < 0.3, isLocalRoot: draw() < 0.5 };
        scope.enter(() => recorder.spanEnded(span, draw() < 0.5 ? hub.context.recording() : undefined));
      } else if (what < 0.99) await open.splice(open.indexOf(scope), 1)[0]?.end(draw() < 0.2);
      else recorder.releaseAll();
      assert.ok(recorder.bytes <= totalBytes, `seed ${seed}: ${recorder.bytes} bytes`);
      assert.equal(ledger().balanced, true, `seed ${seed}, step ${step}: ${JSON.stringify(ledger())}`);
    }
    for (const scope of open) await scope.end(false);
    recorder.end();
    check();
    const counts = ledger().destinations.json ?? assert.fail('there is no such destination');
    assert.equal(counts.pending, 0);
    const numbers = arrived.map(({ fields }) => fields.n);
    assert.equal(new Set(numbers).size, numbers.length, `seed ${seed}: something came twice`);
    // Within a scope the held ones come in the order in which they were logged.
    const last = new Map<unknown, bigint>();
    for (const { fields, nanos } of arrived.filter(({ severity }) => severity < SEVERITY.info)) {
      if (fields.scope === -1) continue;
      assert.ok(nanos > (last.get(fields.scope) ?? 0n), `seed ${seed}: out of order`);
      last.set(fields.scope, nanos);
    }
    released += arrived.filter(({ severity }) => severity < SEVERITY.info).length;
    discarded += counts.discarded;
  }
  assert.ok(
    released > 500 && discarded > 500,
    `${released} released, ${discarded} discarded: the test must reach both`,
  );
});

function inScope(): (fn: () => void) => void {
  return AsyncLocalStorage.snapshot();
}
