/** Runs the shell commands of the pages for the person on call on lines that a failing service wrote. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runChild } from '../support/child-process.ts';

const APP = join(import.meta.dirname, 'apps', 'incident.ts');
const hasJq = spawnSync('jq', ['--version']).status === 0;

function blocksOf(page: string): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', page), 'utf8');
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block as string);
}

/** What each command of a page finds; blocks share their variables, as in a terminal. */
const FINDS: Readonly<Record<string, readonly RegExp[]>> = {
  'three-am-checklist.md': [
    /^ +2 payment_failed\n +1 flow_failed\n[^]*\tcheckout\tdependency_call\tGatewayTimeout$/m,
    /^ +\d 1\.4\.2\t\S+\t\t/m,
    /request_started[^]*dependency_call\tgateway\t1\tfailure[^]*flow_failed/,
    /^Error: no answer\n[^]*Caused by: Error: socket closed/,
    /^ +\d stock_low\n[^]*^ +2 gateway\t\tGatewayTimeout$/m,
  ],
  'log-review.md': [
    /^ +2 ERROR\tpayment_failed$/m,
    /^ +1 payment_failed$/m,
    /^ +1 jobs\tstock_low$/m,
    /^dependency_call$/m,
    /^amount\n[^]*something else happened/m,
    /^ +1 email\tREDACTED:pii$/m,
    /^ +\d+ short$/m,
  ],
};

describe('pages for the person on call', { skip: hasJq ? false : 'jq is not installed' }, () => {
  let folder = '';
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'spanlog-commands-'));
    const { stdout, stderr, code } = await runChild({ args: [APP], env: { SPANLOG_FORMAT: 'json' } });
    assert.equal(code, 0, stderr);
    writeFileSync(join(folder, 'log.jsonl'), stdout);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [page, finds] of Object.entries(FINDS)) {
    test(`R12.3 each command of docs/${page} finds in a log what it says`, () => {
      const blocks = blocksOf(page);
      assert.equal(blocks.length, finds.length);
      const script = ['LOG=log.jsonl', ...blocks.map((block) => `${block}printf '\\036'`)].join('\n');
      const { stdout, stderr } = spawnSync('sh', ['-e', '-c', script], { cwd: folder, encoding: 'utf8' });
      assert.equal(stderr, '');
      const found = stdout.split('\u001e');
      for (const [i, expected] of finds.entries()) assert.match(found[i] ?? '', expected, blocks[i]);
    });
  }
});
