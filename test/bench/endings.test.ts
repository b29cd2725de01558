import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { endingsPage, isKept } from '../../scripts/endings/page.ts';
import type { Outcome } from '../../scripts/endings/run-cell.ts';
import { runCell } from '../../scripts/endings/run-cell.ts';
import { requireCollector, startCollector } from '../support/collector.ts';

const RECORDS = 20_000;

describe('the table of endings', () => {
  test('R8.4 of 20,000 records and a plain return the SDK loses most, and spanlog none', async (t) => {
    const binary = await requireCollector(t);
    if (binary === undefined) return;
    await using collector = await startCollector({ binary });
    const options = { collector, records: RECORDS, spanlog: 'source' } as const;

    const ours = await runCell({ setUp: 'spanlog-memory', end: 'return' }, options);
    assert.deepEqual([ours.arrived, ours.duplicates, ours.stderr], [RECORDS, 0, '']);
    assert.ok(isKept(ours), JSON.stringify(ours.exit));

    const theirs = await runCell({ setUp: 'sdk-logs', end: 'return' }, options);
    assert.ok(theirs.arrived > 0 && theirs.arrived < RECORDS / 2, `${theirs.arrived} arrived`);
    assert.ok(isKept(theirs), JSON.stringify(theirs.exit));
  });

  test('the page marks what survived, what came later or twice, and ends that were changed', () => {
    const exit = { code: null, signal: 'SIGTERM' } as const;
    const base = { setUp: 'spanlog-disk', end: 'SIGTERM', exit, tookMs: 1_234, stderr: '', duplicates: 0 } as const;
    const outcomes: Outcome[] = [
      { ...base, arrived: 10 },
      { ...base, end: 'SIGINT', exit: { code: null, signal: 'SIGINT' }, arrived: 4, arrivedLater: 6, duplicates: 2 },
      { ...base, setUp: 'sdk-logs', arrived: 3, exit: { code: 0, signal: null } },
    ];
    const page = endingsPage({
      records: 10,
      outcomes,
      outage: [{ ...base, arrived: 0, arrivedLater: 10, stderr: 'spanlog: no `c` 127.0.0.1:5555\n' }],
      machine: { processor: 'p', memory: 'm', system: 's', node: 'n', collector: 'c', loadBefore: '0' },
      versions: [['pino', '1']],
      spanlog: 'source',
      date: '2026-01-01',
      tookMs: 1_000,
    });
    assert.match(page, /\| \*\*spanlog, `disk`\*\* \| \*\*all\*\* \| \*\*4 \+ 6\*\* \(2 twice\) \|/);
    assert.match(page, /\| sdk-logs, batch processor, OTLP \| 3 \| – \|/);
    assert.match(page, /- sdk-logs, batch processor, OTLP, SIGTERM: exit code 0 in place of SIGTERM/);
    assert.match(
      page,
      /\| SIGTERM \| 1,234 ms \| 1 \| \*\*all\*\* \|[^]*^1\. `` spanlog: no `c` 127\.0\.0\.1:4318 ``$/m,
    );
    assert.doesNotMatch(page, /NaN|undefined|null/);
  });
});
