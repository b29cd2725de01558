import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { runChild } from '../support/child-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'spanlog-mapped-'));
const built = join(folder, 'failing.cjs');
after(() => rmSync(folder, { recursive: true }));

before(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, 'apps', 'failing.ts')],
    outfile: built,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    format: 'cjs',
    sourcemap: true,
    logLevel: 'error',
  });
});

async function run(flags: readonly string[]): Promise<Record<string, unknown>[]> {
  const { stdout, stderr } = await runChild({
    args: [...flags, built],
    env: { SPANLOG_FORMAT: 'json', SPANLOG_EXPECTED_ERRORS: 'E_GONE=warn' },
    timeoutMs: 20_000,
  });
  assert.equal(stderr, '');
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('R6.1 frames name the source where source maps are on, by flag or before the file is loaded', async () => {
  const enabled = 'data:text/javascript,process.setSourceMapsEnabled(true)';
  for (const flags of [['--enable-source-maps'], ['--import', enabled]]) {
    const [first] = await run(flags);
    assert.match(
      String(first?.['exception.stacktrace']),
      /no funds for o-1\n +at charge \(.*apps\/failing\.ts:9:\d+\)/,
    );
  }
});

test('R6.1 without source maps frames name the bundle, as Node prints them', async () => {
  const [first] = await run([]);
  assert.match(String(first?.['exception.stacktrace']), /failing\.cjs:\d+:\d+/);
});

test('R6.2 R6.4 register remembers errors and knows which are expected', async () => {
  const [first, second, third] = await run([]);
  assert.equal(second?.['exception.stacktrace'], undefined);
  assert.equal(second?.['exception.first_event'], 'charge_failed');
  assert.equal(second['exception.first_time'], first?.time);
  const { level, 'exception.expected': expected, 'exception.stacktrace': stack } = third ?? {};
  assert.deepEqual([level, expected, stack], ['WARN', true, undefined]);
});
