import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { format } from 'prettier';
import { UsageError } from '../../src/cli/command.ts';
import { EVENTS } from '../../src/cli/events.ts';
import { runChild } from '../support/child-process.ts';
import { validatorOf } from '../support/json-schema.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const SHOP = join(import.meta.dirname, 'apps', 'shop-events.ts');

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'spanlog-events-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function printed(...args: readonly string[]): ReturnType<typeof runChild> {
  return runChild({ args: [MAIN, 'events', ...args] });
}

/** What a check says: it prints nothing but that, so it can run in this process. */
async function complaintOf(t: TestContext, ...args: readonly string[]): Promise<string> {
  const said: string[] = [];
  const { mock } = t.mock.method(process.stderr, 'write', (line: string) => said.push(line));
  try {
    assert.equal(await EVENTS.run(args), said.length === 0 ? 0 : 1);
  } finally {
    mock.restore();
  }
  return said.join('');
}

describe('spanlog events', () => {
  test('R12.1 prints all catalogues of a module as one page, and tells when a written page is another', async (t) => {
    const page = await printed(SHOP);
    assert.equal(page.code, 0, page.stderr);
    assert.match(page.stdout, /^# Events\n[^]*^## order_placed\n[^]*^## stock_low\n/m);
    const file = join(folderOf(t), 'events.md');
    assert.match(await complaintOf(t, SHOP, '--check', file), /events\.md is not there\. Run: spanlog events .* > /);
    // As a formatter leaves it: with other columns.
    writeFileSync(file, await format(page.stdout, { parser: 'markdown' }));
    assert.equal(await complaintOf(t, SHOP, '--check', file), '');
    writeFileSync(file, page.stdout.replace('warn', 'info'));
    assert.match(await complaintOf(t, SHOP, '--check', file), /events\.md is out of date/);
  });

  test('R12.1 prints a JSON Schema that validators take, and checks one however it is laid out', async (t) => {
    const { stdout, code } = await printed(SHOP, '--format', 'json-schema');
    assert.equal(code, 0);
    const schema = JSON.parse(stdout) as object;
    assert.equal(validatorOf(schema)({ event: 'stock_low', left: 3 }), true);
    const file = join(folderOf(t), 'events.json');
    writeFileSync(file, JSON.stringify(schema));
    assert.equal(await complaintOf(t, SHOP, '--format', 'json-schema', '--check', file), '');
    writeFileSync(file, '{');
    assert.match(await complaintOf(t, SHOP, '--format', 'json-schema', '--check', file), /out of date/);
  });

  test('R12.1 a module without a catalogue, and one that is not there, are told', async (t) => {
    const other = MAIN.replace('main.ts', 'command.ts');
    assert.match(await complaintOf(t, other, '--check', 'x'), /exports no catalogue/);
    await assert.rejects(EVENTS.run(['nowhere.ts']), /Cannot find module/);
  });

  test('R10.3 wrong arguments are told with the usage', async () => {
    for (const args of [[], ['a', 'b'], [SHOP, '--format', 'pdf'], [SHOP, '--bogus']]) {
      await assert.rejects(EVENTS.run(args), UsageError);
    }
  });
});
