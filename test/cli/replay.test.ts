import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { REGISTER } from '../process/app.ts';
import { startReceiving, unusedUrl } from '../process/receiving.ts';
import { runChild } from '../support/child-process.ts';

const COUNT = 3_000;
const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

function spoolDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'spanlog-replay-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A process that dies with all its records on disk: nobody listens where they were to go. */
async function leave(directory: string, url: string, service = 'shop'): Promise<void> {
  const end = await runChild({
    args: [...REGISTER, join(import.meta.dirname, 'apps', 'killed.ts'), String(COUNT)],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_SERVICE_NAME: service,
      SPANLOG_DURABILITY: 'sync',
      SPANLOG_SPOOL_DIRECTORY: directory,
    },
  });
  assert.equal(end.signal, 'SIGKILL', end.stderr);
}

function spanlog(directory: string, args: readonly string[], url?: string): ReturnType<typeof runChild> {
  return runChild({
    args: [MAIN, 'replay', '--directory', directory, ...args],
    env: url === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: url },
  });
}

describe('spanlog replay', () => {
  test('R8.3 sends each record that a dead process left, once, and says so', async (t) => {
    const directory = spoolDirectory(t);
    const gone = await unusedUrl();
    await leave(directory, gone);
    await leave(directory, gone);
    const list = await spanlog(directory, ['--list']);
    assert.equal(list.stdout.match(/a process that died/g)?.length, 2, list.stdout);

    const receiver = await startReceiving(t);
    const end = await spanlog(directory, ['--endpoint', receiver.url]);
    assert.equal(end.code, 0, end.stdout + end.stderr);
    assert.match(end.stdout, /^shop → otlp \(.*\): 6,000 delivered$/m);
    const records = receiver.records();
    assert.equal(records.length, 2 * COUNT);
    assert.equal(new Set(records.map(({ attributes }) => attributes['log.record.uid'])).size, 2 * COUNT);

    const again = await spanlog(directory, ['--endpoint', receiver.url]);
    assert.deepEqual([again.code, again.stdout], [0, 'there is nothing to send\n']);
  });

  test('R8.3 sends nothing to an endpoint that it was not meant for, unless that is named', async (t) => {
    const directory = spoolDirectory(t);
    await leave(directory, await unusedUrl());
    const receiver = await startReceiving(t);
    const end = await spanlog(directory, [], receiver.url);
    assert.match(end.stdout, /skipped, it was meant for this other endpoint/);
    assert.notEqual(end.code, 0);
    assert.equal(receiver.records().length, 0);
  });

  test('R8.3 with nobody there it gives up in time, and what it did not send stays', async (t) => {
    const directory = spoolDirectory(t);
    const gone = await unusedUrl();
    await leave(directory, gone);
    const end = await spanlog(directory, ['--patience', '0.5'], gone);
    assert.equal(end.code, 1);
    assert.match(end.stdout, /0 delivered, gave up, the rest stays in the spool/);
    const receiver = await startReceiving(t);
    const later = await spanlog(directory, ['--endpoint', receiver.url]);
    assert.equal(later.code, 0, later.stdout + later.stderr);
    assert.equal(receiver.records().length, COUNT);
  });

  test('R10.3 wrong arguments are told with the usage, and end with 2', async (t) => {
    for (const args of [['--bogus'], ['--patience', 'soon']]) {
      const end = await spanlog(spoolDirectory(t), args);
      assert.equal(end.code, 2);
      assert.match(end.stderr, /^spanlog replay: .*\n\nusage: spanlog replay/);
    }
  });
});
