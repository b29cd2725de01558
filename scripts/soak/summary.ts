import type { Check } from './judge.ts';
import { quietSamples } from './judge.ts';
import type { SoakResult } from './run.ts';

/** One run for a person: what was done, what came of it, and what it cost. */
export function summarise(result: SoakResult, checks: readonly Check[]): string {
  const failed = checks.filter(({ holds }) => !holds).length;
  return [
    `durability ${result.durability}: ${result.recordsPerSecond} records a second for ${result.seconds} s, ` +
      `seed ${result.seed}: ${failed === 0 ? 'all held' : `${failed} of ${checks.length} did not hold`}`,
    ...checks.map(({ claim, holds, seen }) => `  ${holds ? 'ok  ' : 'FAIL'} ${claim}: ${seen}`),
    ...figures(result).map((line) => `       ${line}`),
  ].join('\n');
}

/** Reported, not judged: they depend on the machine and on what else it does. */
function figures(result: SoakResult): string[] {
  const { outages, samples, report } = result;
  const awayMs = outages.map(({ fromMs, toMs }) => toMs - fromMs);
  const lines = [
    `away ${outages.length} times, ${seconds(awayMs.reduce((sum, ms) => sum + ms, 0))} in all, ` +
      `${seconds(Math.max(0, ...awayMs))} at most; ` +
      `${Math.max(0, ...samples.map(({ pending }) => pending))} records waited at most; ` +
      `caught up ${seconds(Math.max(0, ...recoveriesMs(result)))} after the Collector was back, at most`,
  ];
  if (report !== undefined) {
    const { callNs, loopDelayMs } = report;
    lines.push(
      `a call took ${us(callNs.p50)} (p50), ${us(callNs.p99)} (p99), ${us(callNs.max)} (max); ` +
        `the event loop was late by ${loopDelayMs.p50.toFixed(1)} ms (p50), ${loopDelayMs.p99.toFixed(1)} ms (p99), ` +
        `${loopDelayMs.max.toFixed(1)} ms (max)`,
    );
  }
  return lines;
}

/** After each outage, how long until no more waited than without one; not where the next outage came before. */
function recoveriesMs(result: SoakResult): number[] {
  const quiet = quietSamples(result);
  return result.outages.flatMap(({ toMs }, i) => {
    const until = result.outages[i + 1]?.fromMs ?? Infinity;
    const first = quiet.find(({ atMs }) => atMs >= toMs && atMs < until);
    return first === undefined ? [] : [first.atMs - toMs];
  });
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function us(ns: number): string {
  return `${(ns / 1_000).toFixed(1)} µs`;
}
