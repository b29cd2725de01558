/** The short form of `npm run soak`: the same application, outages and judgement. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judge } from '../../scripts/soak/judge.ts';
import type { PlannedOutage } from '../../scripts/soak/outages.ts';
import { planOutages } from '../../scripts/soak/outages.ts';
import type { Durability, SoakResult } from '../../scripts/soak/run.ts';
import { REQUEST_TIMEOUT_MS, runSoak } from '../../scripts/soak/run.ts';
import { summarise } from '../../scripts/soak/summary.ts';
import type { AppReport, Sample } from '../../scripts/soak/task.ts';
import { requireCollector } from '../support/collector.ts';

const inCi = /^(true|1)$/i.test(process.env.CI ?? '');
const SECONDS = Number(process.env.SPANLOG_SOAK_SECONDS ?? (inCi ? 60 : 15));
/** One after the other: they would take each other's time on a machine of two cores. */
const DURABILITIES: readonly Durability[] = ['memory', 'disk'];

describe('a soak', () => {
  test('R8.2 a minute of 2,000 records a second with a collector that comes and goes: nothing lost, memory flat, ledger exact', async (t) => {
    const binary = await requireCollector(t);
    if (binary === undefined) return;
    for (const durability of DURABILITIES) {
      const seconds = SECONDS / DURABILITIES.length;
      const seed = Math.floor(Math.random() * 2 ** 32);
      const result = await runSoak({ binary, durability, seconds, seed, spanlog: 'source' });
      const checks = judge(result);
      const summary = summarise(result, checks);
      t.diagnostic(summary);
      assert.ok(
        checks.every(({ holds }) => holds),
        summary,
      );
    }
  });

  test('outages are the same for the same seed, each kind once in three, and longer ones leave time to recover', () => {
    const outages = firstOutages(3);
    assert.deepEqual(firstOutages(3), outages);
    assert.notDeepEqual(firstOutages(4), outages);
    for (let i = 0; i < outages.length; i += 3) {
      assert.equal(new Set(outages.slice(i, i + 3).map(({ kind }) => kind)).size, 3);
    }
    for (const [i, { upMs }] of outages.entries()) assert.ok(upMs >= 0.6 * (outages[i - 1]?.downMs ?? 0));
  });

  test('nothing that goes wrong in a soak is overlooked', () => {
    assert.deepEqual(failing(sound()), []);
    const report = (changes: Partial<AppReport>): Partial<SoakResult> => ({ report: { ...SOUND_REPORT, ...changes } });
    const ledger = (changes: Partial<AppReport['ledger']>): Partial<SoakResult> =>
      report({ ledger: { ...SOUND_REPORT.ledger, ...changes } });
    const arrived = (changes: Partial<SoakResult['arrived']>): Partial<SoakResult> => ({
      arrived: { ...sound().arrived, ...changes },
    });
    const samples = (change: (sample: Sample, index: number) => Partial<Sample>): Partial<SoakResult> => ({
      samples: sound().samples.map((sample, index) => ({ ...sample, ...change(sample, index) })),
    });

    const faults: [Partial<SoakResult>, RegExp][] = [
      [{ exit: { code: null, signal: 'SIGABRT', stderr: 'heap out of memory' } }, /ran to its end/],
      [{ report: undefined }, /ran to its end/],
      [{ outages: [] }, /was away/],
      [report({ loggedSteadily: 90_000 }), /a second were logged/],
      [report({ unbalanced: { ...SOUND_REPORT.ledger, balanced: false } }), /balanced whenever/],
      [report({ flush: { status: 'timeout', pending: 1, lost: 0 } }), /a flush delivered all/],
      [ledger({ pending: 1 }), /a flush delivered all/],
      [ledger({ emitted: RECORDS + 1 }), /every record was delivered/],
      [ledger({ delivered: RECORDS - 1, dropped: { queue_full: 1 } }), /every record was delivered/],
      [ledger({ delivered: RECORDS - 1, rejected: 1 }), /every record was delivered/],
      [{ ...arrived({ distinct: RECORDS - 1 }), missing: [7] }, /every record .* arrived, and no other/],
      [arrived({ highest: RECORDS }), /arrived, and no other/],
      [arrived({ unreadable: 1 }), /arrived, and no other/],
      [arrived({ total: RECORDS - 1 }), /counted as delivered than arrived/],
      [arrived({ total: RECORDS + 9, repeatedRecords: 9, repeatedRequests: 5 }), /arrived twice: 4 requests/],
      [samples((sample, index) => ({ residentBytes: sample.residentBytes + index * 2 ** 20 })), /resident memory/],
      [samples((sample, index) => addLive(sample, index * 2 ** 18)), /on the heap/],
      [samples(() => ({ pending: RECORDS })), /on the heap/],
      [samples((_sample, index) => ({ openFiles: 20 + index })), /open files/],
      [{ spoolLeft: ['00000001-1-00000000.seg'] }, /spool was empty/],
    ];
    for (const [fault, claim] of faults) {
      const failed = failing({ ...sound(), ...fault });
      assert.ok(
        failed.some((text) => claim.test(text)),
        `${claim} is not among: ${failed.join('; ')}`,
      );
    }
  });

  test('memory that an outage fills and a quiet time empties counts as flat, and so do duplicates that a cut explains', () => {
    const filled = sound().samples.map((sample, index) => {
      const isAway = index >= 150 && index < 190;
      return isAway ? { ...sample, pending: 40_000, ...addLive(sample, 64 * 2 ** 20) } : sample;
    });
    const twice = { total: RECORDS + 6_000, repeatedRecords: 6_000, repeatedRequests: 4 };
    assert.deepEqual(failing({ ...sound(), samples: filled, arrived: { ...sound().arrived, ...twice } }), []);
  });
});

function firstOutages(seed: number): PlannedOutage[] {
  const outages: PlannedOutage[] = [];
  for (const outage of planOutages(seed, 60_000)) {
    outages.push(outage);
    if (outages.length === 30) break;
  }
  return outages;
}

const RECORDS = 120_000;

const SOUND_REPORT: AppReport = {
  logged: RECORDS,
  loggedSteadily: RECORDS - 1,
  ledgerLooks: 600,
  unbalanced: null,
  flush: { status: 'success', pending: 0, lost: 0 },
  flushMs: 20,
  ledger: {
    emitted: RECORDS,
    replayed: 0,
    delivered: RECORDS,
    sampledOut: 0,
    limited: 0,
    deduplicated: 0,
    discarded: 0,
    filtered: 0,
    rejected: 0,
    pending: 0,
    dropped: {},
    balanced: true,
    destinations: {},
  },
  callNs: { p50: 3_000, p99: 100_000, max: 10_000_000 },
  loopDelayMs: { p50: 10, p99: 20, max: 100 },
};

/** A minute in which all went well: a kill, and a hang that cost three attempts. */
function sound(): SoakResult {
  return {
    durability: 'disk',
    seconds: 60,
    seed: 1,
    recordsPerSecond: 2_000,
    outages: [
      { kind: 'killed', fromMs: 10_000, toMs: 12_000 },
      { kind: 'hung', fromMs: 30_000, toMs: 30_000 + 1.5 * REQUEST_TIMEOUT_MS },
    ],
    arrived: {
      total: RECORDS,
      bytes: 500 * RECORDS,
      distinct: RECORDS,
      repeatedRequests: 0,
      repeatedRecords: 0,
      unnumbered: 0,
      highest: RECORDS - 1,
      unreadable: 0,
    },
    missing: [],
    samples: Array.from({ length: 200 }, (_, index) => ({
      atMs: 300 * index,
      logged: 600 * index,
      pending: 1_000,
      delivered: 600 * index - 1_000,
      residentBytes: 150 * 2 ** 20,
      ...(index % 5 === 4 && { liveBytes: (40 + (index % 3)) * 2 ** 20 }),
      openFiles: 20,
    })),
    report: SOUND_REPORT,
    exit: { code: 0, signal: null, stderr: '' },
    spoolLeft: [],
  };
}

function addLive({ liveBytes }: Sample, bytes: number): Partial<Sample> {
  return liveBytes === undefined ? {} : { liveBytes: liveBytes + bytes };
}

function failing(result: SoakResult): string[] {
  return judge(result)
    .filter(({ holds }) => !holds)
    .map(({ claim }) => claim);
}
