import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadServer, SERVER_NAMES } from '../../bench/requests/server-list.ts';
import { requireCollector } from '../support/collector.ts';

const RUN = fileURLToPath(new URL('../../bench/run.ts', import.meta.url));
const run = promisify(execFile);

describe('npm run bench', () => {
  test('a quick run measures its peers and writes the tables and the picture', async (t) => {
    const binary = await requireCollector(t);
    if (binary === undefined) return;
    const folder = await mkdtemp(join(tmpdir(), 'spanlog-bench-test-'));
    try {
      // That the other peers deliver is in peers.test.ts; two are enough for the way from a run to its output.
      const peers = 'spanlog,sdk-logs-proto';
      await run(process.execPath, [RUN, '--quick', '--source', '--peers', peers, '--output', folder], {
        env: { ...process.env, OTELCOL_BIN: binary },
        timeout: 180_000,
      });
      const report = await readFile(join(folder, 'RESULTS.md'), 'utf8');
      assert.match(
        report,
        /\| \*\*spanlog\*\* \| [\d,]+ \(\d+\.\d\d\) \| [\d,]+ \(\d+\.\d\d\) \| [\d,]+ \(\d+\.\d\d\) \|/,
      );
      assert.match(report, /\| sdk-logs \+ OTLP protobuf \| [\d,]+ \(1\.00\) \|/);
      for (const way of ['child logger with five more', 'template with two fields', '`timed` with five fields']) {
        assert.match(report, new RegExp(`\\| \\*\\*spanlog\\*\\*, .*${way} \\| [\\d,]+ \\(\\d+\\.\\d\\d\\) \\|`));
      }
      for (const server of SERVER_NAMES) {
        const { title, ours } = await loadServer(server);
        const row = report.split('\n').find((line) => line.startsWith(ours ? `| **${title}** |` : `| ${title} |`));
        assert.match(
          row ?? '',
          /\| [012] \| [\d,]+ \(\d+\.\d\d\) \| [\d.]+ ms \(\d+\.\d\d\) \| [\d.]+ µs \(\d+\.\d\d\) \|$/,
          server,
        );
      }
      for (const stage of ['redaction', 'sampling', 'rate limit', 'dedupe, no repeats']) {
        assert.match(report, new RegExp(`\\| ${stage} \\| [\\d,]+ \\| [+−]\\d+ \\| \\d+\\.\\d\\d \\|`));
      }
      assert.match(report, /`JSON\.stringify` of the five fields [\d,]+ ns/);
      assert.match(report, /\| burst at once, delivered \| 100 % of all records \| 100 % \| {2}\| met \|/);
      assert.doesNotMatch(report, /NaN|undefined|Infinity/);

      const picture = await readFile(join(folder, 'results.svg'), 'utf8');
      assert.match(picture, /^<svg [^>]*>[\s\S]*<\/svg>\n$/);
      assert.match(picture, /prefers-color-scheme: dark/);
      assert.equal(picture.match(/class="bar ours"/g)?.length, 5);
      assert.doesNotMatch(picture, /NaN|undefined|Infinity/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('an unknown peer or server is refused by name, with those that exist', async () => {
    await assert.rejects(run(process.execPath, [RUN, '--peers', 'log5j']), /no peer 'log5j'; there are spanlog, /);
    await assert.rejects(
      run(process.execPath, [RUN, '--servers', 'gin']),
      /no server 'gin'; there are none, no-logging, /,
    );
  });
});
