import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { noticesOf, otherErrorsOf, runChild } from '../support/child-process.ts';
import type { Ended } from '../support/child-process.ts';
import { assertAllDelivered, ledgerOf, nodeArgs, runApp } from './app.ts';
import { startReceiving } from './receiving.ts';

const ALL_DOORS = ['by the Logs API', 'by the older Logs API', 'hello'];

interface JsonLine {
  readonly level: string;
  readonly logger: string;
  readonly event?: string;
  readonly message?: string;
}

/** What the process printed, each line a JSON object. */
function linesOf({ stdout }: Ended): JsonLine[] {
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonLine);
}

const saidBy = (end: Ended): string[] => linesOf(end).map(({ event, message }) => event ?? message ?? '');

describe('R10.3 bad settings', { concurrency: 2 }, () => {
  test('R10.3 each one is named once with code, value, origin and fix, and the process starts on the default', async (t) => {
    const receiver = await startReceiving(t);
    const bad: Record<string, [value: string, code: string]> = {
      SPANLOG_LEVEL: ['loud', 'SPANLOG_BAD_LEVEL'],
      OTEL_BLRP_MAX_QUEUE_SIZE: ['-5', 'SPANLOG_BAD_NUMBER'],
      OTEL_EXPORTER_OTLP_TIMEOUT: ['soon', 'SPANLOG_BAD_NUMBER'],
      OTEL_EXPORTER_OTLP_CERTIFICATE: ['/nowhere/ca.pem', 'SPANLOG_BAD_FILE'],
      OTEL_EXPORTER_OTLP_PROTOCOL: ['smoke', 'SPANLOG_BAD_CHOICE'],
      SPANLOG_SAMPLE_RATE: ['2', 'SPANLOG_BAD_RATE'],
      SPANLOG_LEVLES: ['checkout=debug', 'SPANLOG_UNKNOWN_SETTING'],
    };
    const env = Object.fromEntries(Object.entries(bad).map(([name, [value]]) => [name, value]));
    const end = await runApp('hello', [], { env: { ...receiver.env, ...env } });

    assert.equal(end.code, 0);
    assert.equal(otherErrorsOf(end), '');
    const notices = noticesOf(end);
    assert.equal(notices.length, Object.keys(bad).length, end.stderr);
    for (const [name, [value, code]] of Object.entries(bad)) {
      const said = notices.filter((notice) => notice.includes(`from env ${name})`));
      assert.equal(said.length, 1, `${name}: ${end.stderr}`);
      // `CODE: setting is value (from env NAME). What to do about it`
      assert.match(said[0] as string, new RegExp(`^spanlog: ${code}: \\S+ is .+ \\(from env ${name}\\)\\. \\S.{9,}$`));
      if (code !== 'SPANLOG_UNKNOWN_SETTING') assert.ok(said[0]?.includes(value), said[0]);
    }
    assert.deepEqual(receiver.events().sort(), ALL_DOORS);
    assertAllDelivered(end, 3);
  });

  test('R10.3 a malformed endpoint leaves the logs on the console, and its password off it', async () => {
    const end = await runApp('hello', [], {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector.example:99999/?key=hunter2', OTEL_LOGS_EXPORTER: 'console' },
    });
    assert.equal(end.code, 0);
    assert.deepEqual(saidBy(end).sort(), ALL_DOORS);
    assert.doesNotMatch(end.stderr + end.stdout, /hunter2/);
  });

  test('R10.3 code and environment are told apart', async () => {
    const end = await runApp('register', ['bad options'], { preloaded: false });
    assert.equal(end.code, 0);
    assert.equal(noticesOf(end).length, 2, end.stderr);
    assert.match(end.stderr, /SPANLOG_BAD_LEVEL: level is "loud" \(from code\)\. Use one of/);
    assert.match(end.stderr, /SPANLOG_BAD_NUMBER: limits\.queueBytes is -1 \(from code\)\./);
    assertAllDelivered(end, 1);
  });

  test('R10.3 strict ends the process at its start, with all that is wrong', async () => {
    const env = { SPANLOG_STRICT: 'true', SPANLOG_LEVEL: 'loud', SPANLOG_SAMPLE_RATE: '2' };
    for (const end of [
      await runApp('hello', [], { env }),
      await runApp('register', ['strict'], { preloaded: false, env: { SPANLOG_SAMPLE_RATE: '2' } }),
    ]) {
      assert.equal(end.code, 1);
      assert.equal(end.stdout, '');
      assert.deepEqual(noticesOf(end), []);
      assert.match(
        end.stderr,
        /^SettingError: SPANLOG_BAD_LEVEL: level is "loud" \(from (code|env SPANLOG_LEVEL)\)\. Use/m,
      );
      assert.match(end.stderr, /^SPANLOG_BAD_RATE: sample\.rate is "2" \(from env SPANLOG_SAMPLE_RATE\)\. \S/m);
    }
  });
});

describe('where records go', { concurrency: 2 }, () => {
  const routes: readonly (readonly [what: string, env: Record<string, string>, received: boolean, printed: boolean])[] =
    [
      ['an endpoint alone', {}, true, false],
      ['OTEL_LOGS_EXPORTER=otlp', { OTEL_LOGS_EXPORTER: 'otlp' }, true, false],
      ['OTEL_LOGS_EXPORTER=console', { OTEL_LOGS_EXPORTER: 'console' }, false, true],
      ['OTEL_LOGS_EXPORTER=otlp,console', { OTEL_LOGS_EXPORTER: 'otlp,console' }, true, true],
      ['OTEL_LOGS_EXPORTER=none', { OTEL_LOGS_EXPORTER: 'none' }, false, false],
    ];
  for (const [what, env, received, printed] of routes) {
    test(`R7.5 with ${what} records are ${received ? '' : 'not '}sent and ${printed ? '' : 'not '}printed`, async (t) => {
      const receiver = await startReceiving(t);
      const end = await runApp('hello', [], { env: { ...receiver.env, ...env } });

      assert.equal(end.code, 0);
      assert.equal(end.stderr, '');
      assert.deepEqual(receiver.events().sort(), received ? ALL_DOORS : []);
      assert.deepEqual(saidBy(end).sort(), printed ? ALL_DOORS : []);
      const { destinations } = ledgerOf(end);
      assert.deepEqual(
        Object.entries(destinations).map(([name, { delivered }]) => [name, delivered]),
        [...(received ? [['otlp', 3]] : []), ...(printed ? [['json', 3]] : [])],
      );
    });
  }

  test('R7.5 without an endpoint, in a pipe: one JSON object a line, nothing on stderr', async () => {
    const end = await runApp('hello');
    assert.equal(end.stderr, '');
    const [hello] = linesOf(end);
    assert.equal(hello?.level, 'INFO');
    assert.equal(hello.logger, 'app');
    assert.deepEqual(saidBy(end).sort(), ALL_DOORS);
    assertAllDelivered(end, 3);
  });

  test('OTEL_SDK_DISABLED leaves our own logs on the console, sends nothing and serves no global', async (t) => {
    const receiver = await startReceiving(t);
    const end = await runApp('hello', [], { env: { ...receiver.env, OTEL_SDK_DISABLED: 'true' } });
    assert.equal(end.code, 0);
    assert.equal(end.stderr, '');
    assert.deepEqual(saidBy(end), ['hello']);
    assert.deepEqual(receiver.events(), []);
    assertAllDelivered(end, 1);
  });
});

const script = spawnSync('script', ['--version'], { encoding: 'utf8' });
const noTerminal =
  script.error === undefined && script.stdout.includes('util-linux')
    ? false
    : 'needs `script` of util-linux to make a terminal';

describe('on a terminal', { skip: noTerminal }, () => {
  /** Runs `hello` on a pseudo-terminal; what it prints there is stdout and stderr in one. */
  function onTerminal(env: Readonly<Record<string, string>>): Promise<Ended> {
    const command = [process.execPath, ...nodeArgs('hello')].map((part) => `'${part}'`).join(' ');
    return runChild({
      command: 'script',
      args: ['--quiet', '--return', '--command', command, '/dev/null'],
      env: { TERM: 'xterm', ...env },
    });
  }

  test('R7.1 records are lines for people', async () => {
    const end = await onTerminal({});
    assert.equal(end.code, 0, end.stdout);
    const line = end.stdout.split('\n').find((text) => text.includes('hello')) ?? '';
    assert.match(stripColors(line), /\| INFO +\| .* \| hello\b.* n=1/);
    assert.doesNotMatch(end.stdout, /^\{/m);
    assertAllDelivered(end, 3);
  });

  test('R7.5 with an endpoint records are sent, and shown as well', async (t) => {
    const receiver = await startReceiving(t);
    const end = await onTerminal(receiver.env);
    assert.deepEqual(receiver.events().sort(), ALL_DOORS);
    assert.match(stripColors(end.stdout), /\| INFO +\| .* \| hello\b/);
    assertAllDelivered(end, 6);
  });

  test('R7.1 in production they are JSON there too', async () => {
    const end = await onTerminal({ NODE_ENV: 'production' });
    assert.deepEqual(saidBy(end).sort(), ALL_DOORS);
  });
});

function stripColors(text: string): string {
  return text.replace(/\u001b\[[\d;]*m/g, '');
}
