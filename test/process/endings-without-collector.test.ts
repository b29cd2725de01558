import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { noticesOf, otherErrorsOf } from '../support/child-process.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { ledgerOf, runApp } from './app.ts';
import { unusedUrl } from './receiving.ts';

const COUNT = 5_000;
/** Short, so that the many waits for it are. */
const EXIT_TIMEOUT_MS = 400;
/** No other time limit is shorter than what the test waits for its process: what ends in time kept this deadline. */
const LIMITS = {
  SPANLOG_LIMITS_EXIT_TIMEOUT_MS: String(EXIT_TIMEOUT_MS),
  OTEL_EXPORTER_OTLP_TIMEOUT: '120000',
  OTEL_BLRP_EXPORT_TIMEOUT: '120000',
};

const ENDINGS: readonly {
  name: string;
  code?: number;
  signal?: NodeJS.Signals;
  also?: number;
  reportedBefore?: boolean;
}[] = [
  { name: 'return', code: 0 },
  { name: 'process.exit', code: 3 },
  { name: 'uncaught', code: 1, also: 1 },
  { name: 'unhandled', code: 1, also: 1 },
  { name: 'SIGTERM', signal: 'SIGTERM' },
  { name: 'SIGINT', signal: 'SIGINT' },
  { name: 'SIGHUP', signal: 'SIGHUP' },
  { name: 'own handler', code: 5 },
  { name: 'exit handler', code: 0, also: 2, reportedBefore: true },
  { name: 'beforeExit', code: 0 },
];

/** A collector that takes the request and never answers. */
async function hangingUrl(t: TestContext): Promise<string> {
  const server = await startScriptedServer();
  server.otherwise({ fault: 'hang' });
  t.after(() => server.close());
  return `http://127.0.0.1:${server.port}`;
}

const COLLECTORS: Readonly<Record<string, (t: TestContext) => Promise<string>>> = {
  'nobody listening': unusedUrl,
  'a collector that never answers': hangingUrl,
};

for (const [collector, urlOf] of Object.entries(COLLECTORS)) {
  describe(`R8.4 with ${collector} the process ends all the same, and says what was lost`, { concurrency: 3 }, () => {
    for (const { name, code = null, signal = null, also = 0, reportedBefore } of ENDINGS) {
      test(`R8.4 with ${collector}, at the end by ${name}`, async (t) => {
        const end = await runApp('endings', [name, String(COUNT)], {
          env: { ...LIMITS, OTEL_EXPORTER_OTLP_ENDPOINT: await urlOf(t) },
        });

        assert.deepEqual({ code: end.code, signal: end.signal }, { code, signal }, end.stderr);
        const lost = COUNT + also;
        const [said, ...causes] = noticesOf(end).reverse();
        assert.equal(said, `spanlog: records were not delivered (otlp: ${lost} exit)`);
        assert.ok(causes.length <= 1, end.stderr);
        if (!name.startsWith('un')) assert.equal(otherErrorsOf(end), '');
        if (signal === null && reportedBefore !== true) {
          const { emitted, delivered, pending, dropped } = ledgerOf(end);
          assert.deepEqual(
            { emitted, delivered, pending, dropped },
            { emitted: lost, delivered: 0, pending: 0, dropped: { exit: lost } },
          );
        }
      });
    }
  });
}

for (const ending of ['process.exit', 'SIGTERM']) {
  for (const [collector, urlOf] of Object.entries(COLLECTORS)) {
    test(`R8.4 with ${collector}, the end by ${ending} says why`, async (t) => {
      const env = { ...LIMITS, OTEL_EXPORTER_OTLP_ENDPOINT: await urlOf(t) };
      const end = await runApp('endings', [ending, '10'], { env });
      const [cause = ''] = noticesOf(end);
      assert.match(cause, /^spanlog: otlp: .*\bno (collector|(complete )?answer)/);
    });
  }
}

test('R8.4 an exitTimeoutMs of 0 waits for nothing, and counts', async (t) => {
  const end = await runApp('endings', ['process.exit', '10'], {
    env: { ...LIMITS, OTEL_EXPORTER_OTLP_ENDPOINT: await hangingUrl(t), SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '0' },
  });
  assert.equal(end.code, 3);
  assert.equal(noticesOf(end).at(-1), 'spanlog: records were not delivered (otlp: 10 exit)');
  assert.deepEqual(ledgerOf(end).dropped, { exit: 10 });
});

test('R8.4 a collector that is down costs stdout nothing: what exit listeners log is there as well', async () => {
  const end = await runApp('endings', ['exit handler', '20'], {
    env: {
      ...LIMITS,
      SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '100',
      SPANLOG_DESTINATIONS: 'otlp,json',
      OTEL_EXPORTER_OTLP_ENDPOINT: await unusedUrl(),
    },
  });
  const events = end.stdout.split('\n').map((line) => /"event":"(\w+)"/.exec(line)?.[1]);
  assert.deepEqual(events, ['hello', ...Array.from({ length: 20 }, () => 'tick'), 'goodbye', undefined]);
  assert.match(end.stderr, /records were not delivered \(otlp: 22 exit\)/);
});
