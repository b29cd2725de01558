import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isBalanced } from '../../src/core/ledger.ts';
import type { LogRecord } from '../../src/core/record.ts';
import { secret } from '../../src/index.ts';
import { createPolicy } from '../../src/pipeline/redact/policy.ts';
import { createRecordingHub } from '../support/recording-hub.ts';

function textOf(record: LogRecord | undefined): string {
  assert.equal(typeof record?.body, 'string');
  return record?.body as string;
}

const CARD = '4111 1111 1111 1111';

test('R2.2 a template keeps its text as body, its named values as fields and its skeleton, and is no event', () => {
  const { hub, records, attributes } = createRecordingHub();
  const amount = 12.5;
  const userId = 'u-1';
  hub.getLogger('checkout').info`charged ${{ amount }} to ${{ userId }}`;
  assert.deepEqual([records[0]?.body, records[0]?.eventName], ['charged 12.5 to u-1', '']);
  assert.deepEqual(attributes(0), { amount, userId, 'log.template': 'charged {amount} to {userId}' });
});

test('R2.2 every level is a tag; without values, with one, and with more than a method has parameters', () => {
  const { hub, records, attributes } = createRecordingHub();
  hub.levels.configure({ level: 1, levels: new Map() });
  const log = hub.getLogger('checkout');
  const { info } = log;
  log.trace`a`;
  log.debug`b ${{ b: 1 }}`;
  info`c ${{ c: 1 }} ${{ d: 2 }} ${{ e: 3 }} ${{ f: 4 }} ${{ g: 5 }}`;
  log.warn`d ${undefined}`;
  log.error`${{ e: 1 }}`;
  log.fatal`${1}${2}${3}${4}`;
  assert.deepEqual(
    records.map(({ severity, body }) => [severity, body]),
    [
      [1, 'a'],
      [5, 'b 1'],
      [9, 'c 1 2 3 4 5'],
      [13, 'd null'],
      [17, '1'],
      [21, '1234'],
    ],
  );
  assert.deepEqual(attributes(2), { c: 1, d: 2, e: 3, f: 4, g: 5, 'log.template': 'c {c} {d} {e} {f} {g}' });
});

test('R2.2 several values of one object stand side by side with their names; a value without one is text alone', () => {
  const { hub, records, attributes } = createRecordingHub();
  hub.getLogger('t').info`moved ${{ from: 'a', to: ['b', 'c'] }} after ${3} tries at ${new Date(0)} ${{}}`;
  assert.equal(records[0]?.body, 'moved from=a to=["b","c"] after 3 tries at 1970-01-01T00:00:00.000Z {}');
  assert.deepEqual(attributes(0), {
    from: 'a',
    to: ['b', 'c'],
    'log.template': 'moved from={from} to={to} after {} tries at {} {}',
  });
});

test('R2.2 an Error in a template is the error of the record and shows its message in the text', () => {
  const { hub, records, attributes } = createRecordingHub();
  const log = hub.getLogger('t');
  const err = new RangeError('too far');
  log.error`gave up on ${{ order: 7 }}: ${err}`;
  log.error`gave up on ${{ order: 7 }}: ${{ err }}`;
  for (const i of [0, 1]) {
    assert.equal(records[i]?.body, 'gave up on 7: too far');
    assert.equal(attributes(i)['exception.type'], 'RangeError');
    assert.equal(attributes(i)['exception.message'], 'too far');
    assert.equal(attributes(i).err, undefined);
  }
  assert.equal(attributes(1)['log.template'], 'gave up on {order}: {err}');
});

test('R2.2 of several errors in a template the first is the exception, and none is lost', () => {
  const { hub, records, attributes } = createRecordingHub();
  const [first, second] = [new TypeError('first'), new RangeError('second')];
  const messageOf = (value: unknown): unknown => (value as { message?: unknown } | undefined)?.message;
  const log = hub.getLogger('t');
  log.error`${first} then ${second}`;
  log.error`${{ err: first }} then ${{ error: second }}`;
  log.error`${first} and ${{ err: first }}`;
  assert.deepEqual(records.map(textOf), [
    'first then RangeError: second',
    'first then RangeError: second',
    'first and first',
  ]);
  assert.deepEqual(
    [0, 1, 2].map((i) => [attributes(i)['exception.message'], messageOf(attributes(i).error)]),
    [
      ['first', 'second'],
      ['first', 'second'],
      ['first', undefined],
    ],
  );
});

test('R2.3 a function in a template runs once, and only when the record is kept', () => {
  const { hub, records, attributes } = createRecordingHub();
  const log = hub.getLogger('t');
  let runs = 0;
  const lazy = (): { size: number } => {
    runs++;
    return { size: 3 };
  };
  log.debug`cache holds ${lazy}`;
  assert.equal(runs, 0);
  log.info`cache holds ${lazy}`;
  assert.equal(runs, 1);
  assert.equal(records[0]?.body, 'cache holds 3');
  assert.deepEqual(attributes(0), { size: 3, 'log.template': 'cache holds {size}' });
});

test('R2.3 a function in a template that throws or returns a promise costs its own place and is said', () => {
  const { hub, records, attributes, complaints } = createRecordingHub();
  const log = hub.getLogger('t');
  const thrown = (): never => {
    throw new Error(`no ${CARD}`);
  };
  log.info`a ${thrown} b ${() => Promise.reject(new Error('late'))} c ${{ d: 1 }}`;
  assert.equal(records[0]?.body, 'a [Throws] b [Promise] c 1');
  assert.match(String(attributes(0)['spanlog.problem']), /threw: no \[REDACTED:card\]; .* got a promise/);
  assert.equal(attributes(0).d, 1);
  assert.deepEqual(complaints, []);
});

test('R2.2 a sensitive value is hidden in the text as in its field: by key, by pattern, by path and by class', () => {
  const { hub, records, attributes } = createRecordingHub({ policy: createPolicy({ paths: ['user.name'] }) });
  const log = hub.getLogger('t');
  log.info`in with ${{ password: 'hunter2' }}, ${{ card: CARD }}, ${{ user: { name: 'Bob', id: 1 } }}, ${secret('s3')} ${CARD}`;
  assert.equal(
    records[0]?.body,
    'in with [REDACTED:password], [REDACTED:card], {"name":"[REDACTED:path]","id":1}, [REDACTED:secret] [REDACTED:card]',
  );
  assert.equal(attributes(0).password, '[REDACTED:password]');
  hub.getLogger('t').info`card ${CARD} of ${{ [CARD]: 1 }}`;
  assert.ok(!JSON.stringify([records[1]?.body, attributes(1)]).includes('4111'));
});

test('R2.2 what only the text gives away is hidden in the field as well, its neighbours stay', () => {
  const { hub, records, attributes } = createRecordingHub();
  const log = hub.getLogger('t');
  log.info`${{ step: 's' }}: password=${{ value: 'hunter2' }} for ${{ user: 'bob' }}`;
  assert.equal(records[0]?.body, 's: password=[REDACTED:password] for bob');
  assert.deepEqual(attributes(0), {
    step: 's',
    value: '[REDACTED:context]',
    user: 'bob',
    'log.template': '{step}: password={value} for {user}',
  });
  log.info`card ${{ first: '4111 1111' }} ${{ second: '1111 1111' }}`;
  assert.ok(!JSON.stringify([records[1]?.body, attributes(1)]).includes('1111'));
});

test('R2.2 a secret that stands in the source of a template is hidden in its skeleton, each time', () => {
  const { hub, records, attributes } = createRecordingHub();
  const log = hub.getLogger('t');
  for (const a of [1, 2]) log.info`card 4111 1111 1111 1111 ${{ a }}`;
  for (const i of [0, 1]) {
    assert.equal(attributes(i)['log.template'], 'card [REDACTED:card] {a}');
    assert.equal(records[i]?.body, `card [REDACTED:card] ${i + 1}`);
  }
});

test('R2.2 property: the text of a template never shows what one of its fields hides', () => {
  const secrets = fc.constantFrom(CARD, '4000056655665556', 'bob@example.com', 'hunter2-Zq9', 'AKIAIOSFODNN7EXAMPLE');
  const keys = fc.constantFrom('password', 'api_key', 'note', 'user', 'value', 'session.token', 'ssn', 'x');
  const words = fc.constantFrom('', ' ', 'for ', ' and ', 'password=', 'user: ', '(', '"', ', token: ', '\n', '=');
  const parts = fc.uniqueArray(fc.tuple(keys, secrets, words), {
    minLength: 1,
    maxLength: 5,
    selector: ([key]) => key,
  });
  const { hub, records, attributes, complaints } = createRecordingHub();
  const log = hub.getLogger('t');
  fc.assert(
    fc.property(words, parts, (first, given) => {
      const strings = [first, ...given.map(([, , after]) => after)];
      const template = Object.freeze(Object.assign([...strings], { raw: Object.freeze([...strings]) }));
      log.info(template, ...given.map(([key, value]) => ({ [key]: value })));
      const text = textOf(records.at(-1));
      for (const [key, value] of given) {
        const field = String(attributes(-1)[key]);
        const isShownElsewhere = given.some(([other, same]) => other !== key && same === value);
        if (!field.includes(value) && !isShownElsewhere) assert.ok(!text.includes(value), `${text} shows ${key}`);
        if (!text.includes(value)) assert.ok(!field.includes(value), `${key} shows what the text hides: ${text}`);
      }
      records.length = 0;
    }),
    { numRuns: 500 },
  );
  assert.deepEqual(complaints, []);
});

test('R2.2 a name given twice keeps its last value, and wins over a child and a context', () => {
  const { hub, records, attributes } = createRecordingHub();
  const log = hub.getLogger('t').child({ amount: 1, tenant: 't1' });
  log.info`from ${{ amount: 2 }} to ${{ amount: 3 }}`;
  assert.equal(records[0]?.body, 'from 2 to 3');
  assert.deepEqual(attributes(0), { tenant: 't1', amount: 3, 'log.template': 'from {amount} to {amount}' });
});

test('R2.4 hostile values in a template cost only their own place', () => {
  const { hub, records, attributes, complaints, account } = createRecordingHub();
  const log = hub.getLogger('t');
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const throwing = {
    get bad(): string {
      throw new Error('no');
    },
    good: 1,
  };
  log.info`${proxy} ${throwing} ${{ proxy }} ${{ after: 2 }} ${Symbol('s')} ${10n}`;
  assert.equal(attributes(0).good, 1);
  assert.equal(attributes(0).bad, '[Throws: no]');
  assert.equal(attributes(0).after, 2);
  assert.match(textOf(records[0]), / bad=\[Throws: no\] good=1 .* 2 Symbol\(s\) 10$/);
  log.info`${Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i]))} ${'x'.repeat(1_000_000)}`;
  assert.ok(textOf(records[1]).length < 600_000);
  assert.deepEqual(complaints, []);
  assert.ok(isBalanced(account.counts()));
});

test('R2.2 a template called as a function still makes a record, which says what was wrong', () => {
  const { hub, records, attributes, complaints } = createRecordingHub();
  const log = hub.getLogger('t') as unknown as { info(...args: unknown[]): void };
  log.info(['charged ', ''], 7);
  log.info(['charged ', ''], { a: 1 });
  assert.deepEqual(records[0]?.body, ['charged ', '']);
  assert.match(String(attributes(0)['spanlog.problem']), /a template stands right behind the method.*got a number/);
  assert.equal(attributes(0).fields, 7);
  assert.equal(attributes(1).a, 1);
  log.info('', { a: 1 });
  assert.match(String(attributes(2)['spanlog.problem']), /event is missing.*empty text/);
  assert.equal(attributes(2).a, 1);
  assert.deepEqual(complaints, []);
});

test('R2.4 what is no template but looks like one, and a value that can’t be read, cost only their own place', () => {
  const { hub, records, attributes, complaints } = createRecordingHub();
  const log = hub.getLogger('t') as unknown as { info(...args: unknown[]): void };
  const looksLike = Object.assign(['a ', ' b'], { raw: ['a ', ' b'] });
  Object.defineProperty(looksLike, 1, {
    get: () => {
      throw new Error('no');
    },
  });
  log.info(looksLike, 7);
  assert.equal(textOf(records[0]), 'a 7[Throws]');
  const unreadable = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no keys');
      },
    },
  );
  hub.getLogger('t').info`got ${unreadable} and ${{ n: 1 }}`;
  assert.equal(textOf(records[1]), 'got [Throws: no keys] and 1');
  assert.deepEqual(attributes(1), { n: 1, 'log.template': 'got {} and {n}' });
  assert.deepEqual(complaints, []);
});
