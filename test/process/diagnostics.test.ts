import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startScriptedServer } from '../support/scripted-server.ts';
import { runApp } from './app.ts';

for (const way of ['register', 'processor']) {
  test(`R4.4 what only the user's keys and patterns hide is hidden on stderr as well: settings, servers, exporters (${way})`, async (t) => {
    const server = await startScriptedServer();
    server.otherwise({
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message: 'TICKET-000004 is bad: internal_note=n0te-4' }),
    });
    t.after(() => server.close());
    const end = await runApp('diagnostics', [way], {
      preloaded: false,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.port}`,
        OTEL_BLRP_SCHEDULE_DELAY: 'TICKET-000005, internal_note=n0te-5',
      },
    });
    for (const where of [/level is "/, /SCHEDULE_DELAY/, /HTTP 400/, /no room for/]) {
      const line =
        end.stderr.split('\n').find((one) => where.test(one)) ?? assert.fail(`${String(where)}: ${end.stderr}`);
      assert.match(line, /\[REDACTED:ticket\].*internal_note=\[REDACTED:key\]/);
    }
    assert.doesNotMatch(end.stderr, /TICKET-|n0te/);
  });
}
