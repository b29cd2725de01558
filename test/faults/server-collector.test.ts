import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { makeCertificates } from '../support/certificates.ts';
import { noticesOf } from '../support/child-process.ts';
import { requireCollector, startCollector } from '../support/collector.ts';
import type { Collector, FlatLogRecord } from '../support/collector.ts';
import { assertAllDelivered, ledgerOf } from '../process/app.ts';
import { pointedTo, runFaultApp, startFaultApp, upTo } from './fault-app.ts';

/**
 * Written past any buffer of the Collector's own before it answers, so that what it has acknowledged is in the file,
 * whatever kills it: the file exporter buffers only where it does not rotate.
 */
const UNBUFFERED = 'exporters: { file: { append: false, rotation: { max_megabytes: 1000 } } }';

function numberOf({ attributes }: FlatLogRecord): number {
  return Number(attributes.i);
}

/** Runs of records that had arrived before, each as [first, length]. */
function duplicateRuns(numbers: readonly number[]): [number, number][] {
  const seen = new Set<number>();
  const runs: [number, number][] = [];
  for (const number of numbers) {
    if (!seen.has(number)) {
      seen.add(number);
      continue;
    }
    const run = runs.at(-1);
    if (run !== undefined && run[0] + run[1] === number) run[1]++;
    else runs.push([number, 1]);
  }
  return runs;
}

test('R8.2 a Collector killed twice with SIGKILL under 2,000 records a second: emitted = delivered, all of it in its file, twice only the batch that was cut', async (t) => {
  const binary = await requireCollector(t);
  if (binary === undefined) return;
  await using collector = await startCollector({ binary, configYaml: [UNBUFFERED] });
  const BATCH = 100;
  const app = startFaultApp('until-told', [2_000], {
    env: {
      ...pointedTo(collector.otlpHttp),
      // Small batches all the time, so that a kill finds one on its way.
      OTEL_BLRP_SCHEDULE_DELAY: '20',
      OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: String(BATCH),
    },
  });
  await app.said('started');
  await delay(700);
  for (let kills = 0; kills < 2; kills++) {
    await collector.kill('SIGKILL');
    await delay(500);
    await collector.start();
    await delay(700);
  }
  app.kill('SIGUSR2');
  const end = await app.ended;
  assert.equal(end.stdout, 'started\nsuccess\n', end.stderr);

  const { emitted } = ledgerOf(end);
  assert.ok(emitted > 3_000, `${emitted} records`);
  assertAllDelivered(end, emitted);
  const numbers = (await collector.waitForRecords(emitted)).map(numberOf);
  assert.deepEqual([...new Set(numbers)].sort((a, b) => a - b), upTo(emitted)); // prettier-ignore
  const runs = duplicateRuns(numbers);
  t.diagnostic(`${emitted} records, ${numbers.length - emitted} of them twice`);
  assert.ok(runs.length <= 2, JSON.stringify(runs));
  for (const [, length] of runs) assert.ok(length <= BATCH, JSON.stringify(runs));
  // Outages are told, and their ends.
  assert.equal(noticesOf(end).length % 2, 0, end.stderr);
});

describe('a Collector with TLS', () => {
  const certificates = makeCertificates();

  /** A Collector that shows the certificate, and the path of its authority's. */
  async function secured(t: TestContext, binary: string): Promise<{ collector: Collector; url: string; ca: string }> {
    const dir = mkdtempSync(join(tmpdir(), 'spanlog-faults-'));
    const file = (name: string, content: Buffer): string => {
      writeFileSync(join(dir, name), content);
      return join(dir, name);
    };
    const cert = file('server.pem', certificates.serverCert);
    const key = file('server.key', certificates.serverKey);
    const collector = await startCollector({
      binary,
      configYaml: [`receivers: { otlp: { protocols: { http: { tls: { cert_file: ${cert}, key_file: ${key} } } } } }`],
    });
    t.after(async () => {
      await collector.stop();
      rmSync(dir, { recursive: true });
    });
    return { collector, url: collector.otlpHttp.replace('http:', 'https:'), ca: file('ca.pem', certificates.ca) };
  }

  test('R8.5 a wrong certificate: the process starts, ends in time, and says once what is wrong; every record counted', async (t) => {
    const binary = await requireCollector(t);
    if (binary === undefined) return;
    const { collector, url, ca } = await secured(t, binary);
    const limits = { OTEL_BLRP_EXPORT_TIMEOUT: '1500', SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '500' };

    const untrusted = await runFaultApp('rounds', [1, 10], { env: { ...pointedTo(url), ...limits } });
    assert.equal(untrusted.code, 0);
    assert.equal(untrusted.stdout, 'timeout\n');
    const [notice = '', atEnd] = noticesOf(untrusted);
    assert.match(notice, /certificate is not accepted\. Set OTEL_EXPORTER_OTLP_CERTIFICATE/);
    assert.equal(atEnd, 'spanlog: records were not delivered (otlp: 10 exit)');
    const lost = ledgerOf(untrusted);
    assert.deepEqual([lost.emitted, lost.delivered, lost.pending, lost.dropped], [10, 0, 0, { exit: 10 }]);

    const misnamed = await runFaultApp('rounds', [1, 10], {
      env: { ...pointedTo(url.replace('127.0.0.1', 'localhost')), ...limits, OTEL_EXPORTER_OTLP_CERTIFICATE: ca },
    });
    assert.match(noticesOf(misnamed)[0] ?? '', /certificate is for another host\. Set OTEL_EXPORTER_OTLP_ENDPOINT/);
    assert.deepEqual(ledgerOf(misnamed).dropped, { exit: 10 });

    const trusted = await runFaultApp('rounds', [1, 10], {
      env: { ...pointedTo(url), ...limits, OTEL_EXPORTER_OTLP_CERTIFICATE: ca },
    });
    assert.deepEqual(noticesOf(trusted), []);
    assertAllDelivered(trusted, 10);
    assert.deepEqual((await collector.waitForRecords(10)).map(numberOf), upTo(10));
  });
});
