import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInThisContext } from 'node:vm';
import { transformSync } from 'esbuild';
import { timed } from '../../src/index.ts';
import type { Logger } from '../../src/index.ts';
import { createRecordingHub } from '../support/recording-hub.ts';

interface Payments {
  charge(orderId: string): Promise<string>;
  refund(orderId: string): Promise<string>;
  pages(): Generator<number>;
}

/** As people write it; what runs is what a compiler makes of it. */
const SOURCE = `
  class Payments {
    fee = 2;
    @timed(log, { event: 'charge_card', fields: (orderId) => ({ order_id: orderId }) })
    async charge(orderId) { return orderId + ':' + this.fee; }
    @timed(log)
    async refund(orderId) { throw new RangeError(orderId); }
    @timed(log)
    *pages() { yield this.fee; }
    @timed(log)
    static limits() { return 3; }
  }`;

type Compiled = (timedDecorator: typeof timed, log: Logger) => (new () => Payments) & { limits(): number };

for (const experimentalDecorators of [false, true]) {
  const form = experimentalDecorators ? 'experimental' : 'standard';
  test(`R6.5 @timed times methods in the ${form} form, compiled: async, failing, generator and static`, async () => {
    const { code } = transformSync(SOURCE, {
      loader: 'ts',
      target: 'es2022',
      tsconfigRaw: { compilerOptions: { experimentalDecorators } },
    });
    const compiled = runInThisContext(`(timed, log) => {${code}; return Payments; }`) as Compiled;
    const { hub, records, attributes } = createRecordingHub();
    const Made = compiled(timed, hub.getLogger('payments'));
    const payments = new Made();
    assert.equal(await payments.charge('o-1'), 'o-1:2');
    await assert.rejects(payments.refund('o-2'), /^RangeError: o-2$/);
    assert.deepEqual([...payments.pages()], [2]);
    assert.equal(Made.limits(), 3);
    // As frameworks that look at handlers see them.
    assert.deepEqual([payments.charge.name, payments.charge.length, Made.limits.name], ['charge', 1, 'limits']);
    assert.deepEqual(
      records.map(({ eventName, severityText }, i) => [eventName, severityText, attributes(i).outcome]),
      [
        ['charge_card', 'INFO', 'success'],
        ['refund', 'ERROR', 'failure'],
        ['pages', 'INFO', 'success'],
        ['limits', 'INFO', 'success'],
      ],
    );
    assert.equal(attributes(0).order_id, 'o-1');
    assert.equal(attributes(1)['exception.message'], 'o-2');
  });
}
