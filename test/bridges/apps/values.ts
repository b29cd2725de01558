/** One of every kind of value that a record can hold, and secrets where careless code puts them. */
export const CARD = '4111 1111 1111 1111';
export const PASSWORD = 'hunter2-planted';
export const TOKEN = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';

class Money {
  readonly amount: number;
  readonly currency: string;
  constructor(amount: number, currency: string) {
    this.amount = amount;
    this.currency = currency;
  }
}

class PaymentError extends Error {
  readonly code = 'E_DECLINED';
  override readonly name = 'PaymentError';
}

export function failure(): Error {
  return new PaymentError('the gateway said no', {
    cause: new AggregateError([new TypeError('first try'), new RangeError('second try')], 'both tries failed'),
  });
}

export function values(): Record<string, unknown> {
  const cycle: Record<string, unknown> = { name: 'loop' };
  cycle.self = cycle;
  const shared = { seen: 'twice' };
  return {
    text: 'plain',
    integer: 42,
    double: 1.5,
    negativeZero: -0,
    big: 9_007_199_254_740_993n,
    huge: 2n ** 70n,
    yes: true,
    nothing: null,
    missing: undefined,
    notANumber: NaN,
    infinite: -Infinity,
    date: new Date('2026-02-03T04:05:06.789Z'),
    invalidDate: new Date(NaN),
    map: new Map<unknown, unknown>([
      ['a', 1],
      [2, 'two'],
    ]),
    set: new Set(['x', 1]),
    bytes: Uint8Array.of(1, 2, 255),
    url: new URL('https://user:secret-in-url@example.com/path'),
    regexp: /a+/g,
    money: new Money(12, 'EUR'),
    symbol: Symbol('mark'),
    fn: function named() {
      return undefined;
    },
    cycle,
    shared: [shared, shared],
    mixed: [1, 'two', { three: 3 }, [4]],
    sparse: [1, , 3], // eslint-disable-line no-sparse-arrays
    lone: 'a\ud800b',
    throwing: {
      get bad(): never {
        throw new Error('no');
      },
      good: 1,
    },
    nested: { deep: { deeper: { date: new Date(0), big: 5n } } },
    failure: failure(),
    password: PASSWORD,
    note: `paid with ${CARD}`,
    headers: { authorization: `Bearer ${TOKEN}` },
  };
}

/** The same without those that the library itself fails on. */
export function valuesWithout(...keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values()).filter(([key]) => !keys.includes(key)));
}
