import assert from 'node:assert/strict';
import { Console } from 'node:console';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, test } from 'node:test';
import createDebug from 'debug';
import { HubBridge } from '../../src/bridges/bridge-target.ts';
import { openConsole } from '../../src/bridges/console.ts';
import { openDebug } from '../../src/bridges/debug.ts';
import { openWarnings } from '../../src/bridges/warnings.ts';
import { createRecordingHub } from '../support/recording-hub.ts';

const { hub, records, attributes } = createRecordingHub();
const target = new HubBridge(hub, () => Promise.resolve());

function plain(index: number): unknown {
  return JSON.parse(JSON.stringify(attributes(index))) as unknown;
}

function methodOf(of: Console): (...args: unknown[]) => void {
  return Reflect.get(of, 'info') as (...args: unknown[]) => void;
}

/** All that waits to be read. */
function textOf(stream: PassThrough): string {
  let text = '';
  for (let chunk: unknown = stream.read(); chunk !== null; chunk = stream.read()) text += (chunk as Buffer).toString();
  return text;
}

function bodies(): unknown[] {
  return records.map(({ body }) => body);
}

describe('R1.5 the console', { concurrency: 1 }, () => {
  let printed: PassThrough;
  let printing: Console;
  let close: () => void;

  beforeEach(() => {
    printed = new PassThrough();
    printing = new Console(printed);
    close = openConsole(target, { console: printing });
  });

  afterEach(() => {
    close();
    records.length = 0;
  });

  test('R3.7 formats read as the console shows them, with secrets of objects hidden by their keys', () => {
    printing.log('%s is %d, %i, %f%%', 'pi', 3.14, 3.14, 3.5, 'and', 'more');
    printing.log('%ccoloured', 'color: red');
    printing.log('user %o as %j and %O', { password: 'hunter2' }, { token: 'abc' }, [1, { secret: 'x' }]);
    printing.log('%d objects', { a: 1 });
    assert.equal(bodies()[0], 'pi is 3.14, 3, 3.5% and more');
    assert.equal(bodies()[1], 'coloured');
    assert.equal(
      bodies()[2],
      "user { password: '[REDACTED:password]' } as { token: '[REDACTED:token]' } and [ 1, { secret: '[REDACTED:secret]' } ]",
    );
    assert.equal((plain(2) as { args: unknown[] }).args.length, 3);
    assert.match(textOf(printed), /user \{ password: 'hunter2' \} as \{"token":"abc"\}/);
    printing.log({ a: 1 }, 'disk at 90%d', 5);
    printing.log(-0, '%s', null);
    assert.deepEqual(bodies().slice(4), ['disk at 90%d 5', '-0 %s null']);
  });

  test('R3.7 one object gives the fields, several are a list, an error is the exception', () => {
    printing.log('order_placed', { order_id: 7 });
    printing.log('two', { a: 1 }, [2]);
    printing.warn('careful', new TypeError('boom'), { n: 1 });
    printing.error(new RangeError('alone'));
    printing.log({ lone: { object: true } });
    assert.equal(records[0]?.eventName, 'order_placed');
    assert.deepEqual(plain(0), { order_id: 7 });
    assert.deepEqual(plain(1), { args: [{ a: 1 }, [2]] });
    assert.deepEqual([bodies()[2], attributes(2).n, attributes(2)['exception.type']], ['careful', 1, 'TypeError']);
    assert.deepEqual([bodies()[3], attributes(3)['exception.type']], ['alone', 'RangeError']);
    assert.deepEqual([bodies()[4], plain(4)], ['{ lone: { object: true } }', { lone: { object: true } }]);
  });

  test('R3.7 a second error and bytes are values of the list: nothing of a call is lost', () => {
    printing.error('both failed', new TypeError('one'), new RangeError('two'));
    printing.log('bytes', Buffer.from('abc'));
    assert.equal(attributes(0)['exception.message'], 'one');
    const [second] = (plain(0) as { args: { message: string }[] }).args;
    assert.equal(second?.message, 'two');
    assert.deepEqual(Object.keys(attributes(1)), ['args']);
  });

  test('R3.7 count, time, table, dir, trace, assert and groups are each one record', () => {
    printing.count('hits');
    printing.time('job');
    printing.timeEnd('job');
    printing.table([{ password: 'hunter2', n: 1 }]);
    printing.dir({ a: 1 }, { depth: 0 });
    printing.trace('here');
    printing.assert(true, 'not printed');
    printing.assert(false, 'wrong: %s', 'this');
    printing.group('outer');
    printing.info('inside');
    printing.groupEnd();
    printing.info('outside');
    printing.log();
    printing.log('');
    const [, timed] = bodies();
    assert.match(String(timed), /^job: [\d.]+m?s$/);
    assert.deepEqual(bodies().toSpliced(1, 1), [
      'hits: 1',
      "[ { password: '[REDACTED:password]', n: 1 } ]",
      '{ a: 1 }',
      'here',
      'Assertion failed: wrong: this',
      'outer',
      'inside',
      'outside',
    ]);
    assert.match(String(attributes(4)['code.stacktrace']), /^ {4}at .*console-bridge/);
    assert.deepEqual([plain(7), plain(8)], [{ 'console.group': ['outer'] }, {}]);
  });

  test('R1.5 what is logged while a call is being logged is printed, and goes round in no loop', () => {
    printing.info('outer', {
      get inner() {
        printing.info('from a getter');
        return 1;
      },
    });
    assert.deepEqual(bodies(), ['outer']);
    assert.match(textOf(printed), /from a getter/);
  });

  test('R1.5 methods keep their names, and are put back', () => {
    const bridged = methodOf(printing);
    assert.equal(bridged.name, 'info');
    assert.deepEqual(Object.keys(printing), Object.keys(new Console(printed)));
    close();
    assert.notEqual(methodOf(printing), bridged);
    bridged('held by somebody');
    assert.deepEqual(bodies(), []);
    assert.match(textOf(printed), /held by somebody/);
  });

  test('R3.7 a bridge of a console that is bridged changes nothing, whoever stands in front of a method', () => {
    const own = methodOf(printing);
    printing.log = (...args) => own('in front:', ...args);
    const second = openConsole(target, { console: printing });
    printing.log('log');
    printing.warn('warn');
    assert.deepEqual(bodies(), ['in front: log', 'warn']);
    second();
    printing.warn('still bridged');
    close();
    printing.warn('not any more');
    assert.equal(records.length, 3);
    close = openConsole(target, { console: printing });
    printing.warn('again');
    assert.equal(bodies()[3], 'again');
  });

  test('R1.5 another’s replacement of a method stays when the bridge is closed', () => {
    const ours = methodOf(printing);
    const theirs = (text: string): void => ours(`theirs: ${text}`);
    printing.info = theirs;
    close();
    assert.equal(methodOf(printing), theirs);
    printing.info('x');
    assert.match(textOf(printed), /theirs: x/);
  });

  test('R6.3 a warning that Node prints is at WARN, and not here at all where warnings are bridged', () => {
    const line = '(node:1) [W_CAREFUL] Warning: careful';
    printing.error(line);
    const stop = openWarnings(target);
    process.emit('warning', new Error('careful'));
    printing.error(line);
    stop();
    assert.deepEqual(
      records.map(({ scope, severity, body }) => [scope.name, severity, body]),
      [
        ['console', 13, line],
        ['process.warning', 13, 'careful'],
      ],
    );
  });

  test('R1.5 printing can be turned off', () => {
    close();
    close = openConsole(target, { console: printing, passThrough: false });
    printing.info('records only');
    printing.count();
    assert.deepEqual(bodies(), ['records only', 'default: 1']);
    assert.equal(textOf(printed), '');
  });
});

describe('R3.7 debug', { concurrency: 1 }, () => {
  afterEach(() => {
    records.length = 0;
  });

  test('R3.7 objects are redacted in the text and structured beside it, wherever they stand', () => {
    const { log } = createDebug;
    const lines: string[] = [];
    createDebug.log = (...args: unknown[]) => void lines.push(args.map(String).join(' '));
    createDebug.enable('express:*');
    const close = openDebug(target, createDebug, {});
    const say = createDebug('express:router:layer');
    say('got %o after %d ms', { password: 'hunter2' }, 5, 'tail');
    say({ token: 'abc' });
    say(new TypeError('boom'));
    say('failed', new RangeError('no'));
    createDebug('disabled')('not logged');
    close();
    say('after');
    createDebug.log = log;
    assert.deepEqual(bodies(), [
      "got { password: '[REDACTED:password]' } after 5 ms tail",
      "{ token: '[REDACTED:token]' }",
      'boom',
      'failed',
    ]);
    for (const { scope, severity } of records) {
      assert.deepEqual([scope.name, severity], ['debug.express.router.layer', 5]);
    }
    assert.deepEqual(plain(1), { token: '[REDACTED:token]' });
    assert.equal(attributes(2)['exception.type'], 'TypeError');
    assert.equal(attributes(3)['exception.type'], 'RangeError');
    assert.equal(lines.length, 5);
  });
});

test('R3.7 a call of debug inside a formatter of another leaves both whole and redacted', () => {
  const { log, formatters } = createDebug;
  createDebug.log = () => undefined;
  createDebug.enable('outer,inner');
  const close = openDebug(target, createDebug, {});
  formatters.h = (value: unknown) => {
    createDebug('inner')('asked %o', { asked: true });
    return String(value);
  };
  createDebug('outer')('%o and %h', { pin_of_card: { pin: 1 }, passphrase: 'open sesame' }, 5);
  formatters.h = () => {
    throw new Error('a formatter');
  };
  assert.throws(() => createDebug('outer')('%o and %h', { left: 1 }, 5));
  createDebug('outer')('then %o', { right: 1 });
  Reflect.deleteProperty(formatters, 'h');
  close();
  createDebug.log = log;
  createDebug.disable();
  assert.deepEqual(
    records.map(({ scope }) => scope.name),
    ['debug.inner', 'debug.outer', 'debug.outer'],
  );
  assert.deepEqual(plain(0), { asked: true });
  assert.deepEqual(Object.keys(attributes(1)), ['pin_of_card', 'passphrase']);
  assert.doesNotMatch(String(bodies()[1]), /sesame/);
  assert.deepEqual([bodies()[2], plain(2)], ['then { right: 1 }', { right: 1 }]);
  records.length = 0;
});

test('R6.3 a warning of the process is a record at WARN, with its class, code and detail', async () => {
  const close = openWarnings(target);
  process.emitWarning('old way', { type: 'DeprecationWarning', code: 'DEP_X', detail: 'use the new one' });
  await new Promise((resolve) => setImmediate(resolve));
  close();
  process.emitWarning('after');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(records.length, 1);
  const [record] = records;
  assert.deepEqual([record?.scope.name, record?.severity, record?.body], ['process.warning', 13, 'old way']);
  const read = attributes(0);
  assert.match(String(read['exception.stacktrace']), /^DeprecationWarning: old way/);
  assert.equal(read['exception.type'], 'DeprecationWarning');
  assert.equal(read['exception.code'], 'DEP_X');
  assert.equal(JSON.stringify(read['exception.data']), '{"detail":"use the new one"}');
});
