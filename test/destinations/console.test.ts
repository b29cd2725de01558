import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ACTING, INJECTIONS } from '../encode/line-records.ts';

const APP = join(import.meta.dirname, 'console-app.ts');

interface Printed {
  readonly pid: number;
  readonly stdout: string;
  readonly lines: readonly string[];
}

function run(mode: string, env: Record<string, string> = {}): Printed {
  const { PATH = '' } = process.env;
  const { pid, stdout, stderr, status } = spawnSync(process.execPath, [APP, mode], {
    env: { PATH, ...env },
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.deepEqual([status, stderr], [0, '']);
  return { pid, stdout, lines: stdout.trimEnd().split('\n') };
}

/** Runs the application on a terminal of its own. */
function runOnTerminal(mode: string, env: Record<string, string> = {}): string {
  const { PATH = '' } = process.env;
  const { stdout } = spawnSync('script', ['-qec', `${process.execPath} ${APP} ${mode}`, '/dev/null'], {
    env: { PATH, TERM: 'xterm', SHELL: '/bin/sh', ...env },
    encoding: 'utf8',
    timeout: 30_000,
  });
  return stdout;
}

const noTerminal = spawnSync('script', ['--version']).status !== 0 && 'the program `script` is not here';

function parsed(line: string | undefined): Record<string, unknown> {
  return JSON.parse(line ?? '') as Record<string, unknown>;
}

describe('which kind of line', () => {
  test('R7.1 JSON lines where nobody watches, lines for people where it is asked for', () => {
    assert.equal(parsed(run('order').lines[0]).event, 'order_placed');
    assert.match(
      run('order', { SPANLOG_FORMAT: 'pretty' }).stdout,
      /^\S+Z \| INFO \| shop \| pid=\d+ \| req=req-7 \| order_placed \| order=17 /,
    );
  });

  test(
    'R7.1 a terminal gets coloured lines in columns, and NO_COLOR takes only the colours',
    { skip: noTerminal },
    () => {
      const coloured = runOnTerminal('order');
      assert.match(coloured, /\u001b\[32mINFO \u001b\[0m \| shop \| .*req=req-7 \| order_placed {13}\| /);
      const plain = runOnTerminal('order', { NO_COLOR: '1' });
      assert.doesNotMatch(plain, /\u001b/);
      assert.match(plain, /Z \| INFO {2}\| shop \| pid=\d+ \| req=req-7 \| order_placed {13}\| order=17 /);
    },
  );
});

describe('R2.5 the stable fields', () => {
  const facts = { environment: 'test', version: '1.4.2', region: 'eu-1', host: hostname(), worker: 'blue' };

  test('R2.5 are on JSON lines', () => {
    const { pid, lines } = run('order');
    const { time, ...rest } = parsed(lines[0]);
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    assert.deepEqual(rest, {
      level: 'INFO',
      service: 'shop',
      logger: 'shop.orders',
      event: 'order_placed',
      request_id: 'req-7',
      trace_id: '-',
      span_id: '-',
      order: 17,
      total: 12.5,
      note: 'two words',
      ...facts,
      pid,
      thread: 0,
    });
    assert.equal(parsed(run('error').lines[0]).request_id, '-');
  });

  test('R2.5 are on lines for people', () => {
    const { pid, lines } = run('order', { SPANLOG_FORMAT: 'pretty' });
    const line = lines[0] ?? '';
    assert.ok(line.includes(` | INFO | shop | pid=${pid} | req=req-7 | order_placed | `), line);
    for (const [name, value] of Object.entries({ logger: 'shop.orders', thread: 0, ...facts })) {
      assert.ok(line.includes(` ${name}=${value}`), `${name} in ${line}`);
    }
    assert.match(run('error', { SPANLOG_FORMAT: 'pretty' }).stdout, / \| req=- \| payment_failed \| /);
  });
});

describe('R7.1 errors', () => {
  test('R7.1 are readable: class and message on the line, frames and causes below', () => {
    const { lines } = run('error', { SPANLOG_FORMAT: 'pretty' });
    assert.match(
      lines[0] ?? '',
      / \| ERROR \| .* \| payment_failed \| order=17 exception\.type=TypeError exception\.message=late /,
    );
    assert.match(lines[1] ?? '', /^ {4}at .*console-app\.ts:\d+:\d+\)?$/);
    assert.ok(lines.includes('  Caused by: RangeError: no route'));
    for (const line of lines.slice(1)) assert.match(line, /^ {2}(?: {2}at |Caused by: )/);
  });
});

describe('R4.6 injection', () => {
  test('R4.6 JSON lines: every record is one line, and nothing raw is left in it', () => {
    const { stdout, lines } = run('injections');
    assert.equal(lines.length, INJECTIONS.length * 3);
    assert.doesNotMatch(stdout.replaceAll('\n', ''), ACTING);
    for (const line of lines) assert.equal(parsed(line).service, 'shop');
  });

  for (const colors of [false, true]) {
    test(`R4.6 lines for people: nothing begins a line or reaches the terminal (${colors ? 'coloured' : 'plain'})`, () => {
      const { stdout } = run('injections', { SPANLOG_FORMAT: 'pretty', ...(colors && { FORCE_COLOR: '1' }) });
      const shown = colors ? stdout.replace(/\u001b\[[\d;]*m/g, '') : stdout;
      assert.doesNotMatch(shown.replaceAll('\n', ''), ACTING);
      const lines = shown.trimEnd().split('\n');
      const records = lines.filter((line) => !line.startsWith('  '));
      assert.equal(records.length, INJECTIONS.length * 3);
      for (const line of records) assert.match(line, /^\d{4}-\S+Z \| (?:INFO|WARN|ERROR) +\| shop \| pid=\d+ \| req=/);
      const unquoted = records.map((line) => line.replace(/"(?:[^"\\]|\\.)*"/g, '""'));
      assert.ok(!unquoted.some((line) => line.includes('| forged |')));
    });
  }
});

describe('R2.4 hostile values', () => {
  test('R2.4 have their forms on JSON lines, and cost nothing but their own place', () => {
    const value = parsed(run('hostile').lines[0]);
    const { before, cycle, getter, big, numbers, bytes, map, lone, level_, after } = value;
    assert.deepEqual(
      { before, cycle, getter, big, numbers, bytes, map, lone, level_, after },
      {
        before: 1,
        cycle: { name: 'cycle', self: '[Circular]' },
        getter: { x: '[Throws: boom]' },
        big: '18446744073709551616',
        numbers: ['NaN', '-Infinity', -0],
        bytes: 'aGk=',
        map: { '[object]': 1 },
        lone: 'a\ufffdb',
        level_: 'forged',
        after: 'still here',
      },
    );
    assert.match(String(value.proxy), /^\[Throws: /);
    assert.deepEqual(Object.getOwnPropertyDescriptor(value, '__proto__')?.value, { polluted: true });
    assert.match(run('hostile').stdout, /"int64":9007199254740993,/);
    assert.equal(value.level, 'INFO');
  });
});
