/** An application that logs one thing or another to the console, as its argument says. */
import { getLogger, register, withContext } from '../../src/index.ts';
import { INJECTIONS } from '../encode/line-records.ts';

register({
  service: { name: 'shop', version: '1.4.2', environment: 'test', region: 'eu-1', worker: 'blue' },
  level: 'trace',
});
const log = getLogger('shop.orders');

const modes: Record<string, () => void> = {
  order() {
    withContext({ request_id: 'req-7' }, () => log.info('order_placed', { order: 17, total: 12.5, note: 'two words' }));
  },
  error() {
    log.error('payment_failed', { order: 17 }, new TypeError('late', { cause: new RangeError('no route') }));
  },
  injections() {
    for (const text of INJECTIONS) {
      const error = new Error(text, { cause: new Error(text) });
      error.stack = `Error: ${text}\n    at place (file.js:1:1)${text}`;
      withContext({ request_id: text, [text]: text }, () => {
        log.info(text, { [text]: text, nested: { [text]: [text] } });
        log.error(`failed ${text}`, { inField: error }, error);
        getLogger(`named ${text}`).child({ bound: text }).warn(text);
      });
    }
  },
  hostile() {
    const cycle: Record<string, unknown> = { name: 'cycle' };
    cycle.self = cycle;
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    log.info('hostile', {
      before: 1,
      cycle,
      proxy,
      getter: {
        get x(): never {
          throw new Error('boom');
        },
      },
      big: 2n ** 64n,
      int64: 9_007_199_254_740_993n,
      numbers: [NaN, -Infinity, -0],
      bytes: Buffer.from('hi'),
      map: new Map([[{}, 1]]),
      lone: 'a\ud800b',
      ['__proto__']: { polluted: true },
      level: 'forged',
      after: 'still here',
    });
  },
};

modes[process.argv[2] ?? '']?.();
