/**
 * Measures the redaction: `npm run redaction [-- options] [folder]`. Exits with 1 when it misses a target.
 *
 * Without a folder it makes texts from documented formats with a seed: every kind of secret in every carrier, harmless
 * texts, and texts that nearly are secrets. `--count=200` makes so many of each, `--seed=1` chooses them.
 *
 * A folder holds `positives.jsonl` (a secret inside a text, which must not survive) and `negatives.jsonl` (texts that
 * must survive unchanged), one JSON object a line, the texts in base64 so that no secret scanner takes them for real:
 * `{ tier, kind, text64, secret64 }`. Only tiers that have a target decide about the end.
 *
 * `--kinds=ip,phone` switches kinds on, `--rows` lists every text that went wrong.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createPolicy } from '../src/pipeline/redact/policy.ts';
import { HOSTILE_IDENTIFIERS, HOSTILE_UNITS, hostileTime } from '../test/support/redaction/hostile.ts';
import { harmlessTexts, leaks as leakingTexts, nearTexts, survives } from '../test/support/redaction/measure.ts';

/** A text of a group (a tier, a kind of secret), in which a detail (a carrier, a kind) may go wrong. */
interface Case {
  readonly group: string;
  readonly detail: string;
  readonly text: string;
  /** What must not survive; absent where the text must come out unchanged. */
  readonly secret?: string;
}

interface Tally {
  count: number;
  wrong: number;
  readonly details: Map<string, number>;
}

/** Least share hidden, and largest share altered, by group. */
const LEAST_HIDDEN: Readonly<Record<string, number>> = { core: 0.97, vendor: 0.85 };
const MOST_ALTERED: Readonly<Record<string, number>> = { clean: 0.003, hard: 0.003, harmless: 0.003, near_miss: 0.03 };
/** Of what the generator makes, everything is core but the tokens that vendors give a prefix. */
const GENERATED_GROUP_TARGET = 0.97;

const folder = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
const listRows = process.argv.includes('--rows');
const policy = createPolicy({
  kinds: Object.fromEntries(flag('kinds', '').split(',').filter(Boolean).map((kind) => [kind, true])),
}); // prettier-ignore

function flag(name: string, standard: string): string {
  return process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? standard;
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

function casesOfFile(file: string): Case[] {
  const lines = readFileSync(path.join(folder as string, file), 'utf8').split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<'tier' | 'kind' | 'text64', string> & { secret64?: string })
    .map(({ tier, kind, text64, secret64 }) => ({
      group: tier,
      detail: kind,
      text: decode(text64),
      ...(secret64 !== undefined && { secret: decode(secret64) }),
    }));
}

function generated(): Case[] {
  const seed = Number(flag('seed', '20261121'));
  const count = Number(flag('count', '200'));
  return [
    ...leakingTexts(seed, count).map(({ kind, carrier, secret, text }) => ({
      group: kind,
      detail: carrier,
      text,
      secret,
    })),
    ...harmlessTexts(seed, count * 5).map(({ kind, text }) => ({ group: 'harmless', detail: kind, text })),
    ...nearTexts(seed, count * 5).map(({ kind, text }) => ({ group: 'near_miss', detail: kind, text })),
  ];
}

/** Counts, by group, the texts that went wrong. */
function tally(cases: readonly Case[]): Map<string, Tally> {
  const groups = new Map<string, Tally>();
  for (const { group, detail, text, secret } of cases) {
    const result = groups.get(group) ?? { count: 0, wrong: 0, details: new Map<string, number>() };
    groups.set(group, result);
    result.count++;
    const shown = policy.text(text);
    // Of a secret that someone else wrote down, no one knows which half of it tells anything.
    const leaks = folder === undefined ? survives : (where: string, what: string): boolean => where.includes(what);
    if (secret === undefined ? shown === text : !leaks(shown, secret)) continue;
    result.wrong++;
    result.details.set(detail, (result.details.get(detail) ?? 0) + 1);
    if (listRows) console.log(`${group} ${detail}: ${JSON.stringify(text)} -> ${JSON.stringify(shown)}`);
  }
  return groups;
}

/** Prints a line for each group; true when all targets hold. */
function report(title: string, groups: ReadonlyMap<string, Tally>, isAltered: boolean): boolean {
  console.log(title);
  let all = true;
  for (const [group, { count, wrong, details }] of groups) {
    const share = isAltered ? wrong / count : 1 - wrong / count;
    const target = isAltered
      ? MOST_ALTERED[group]
      : (LEAST_HIDDEN[group] ?? (folder ? undefined : GENERATED_GROUP_TARGET));
    const holds = target === undefined || (isAltered ? share <= target : share >= target);
    all &&= holds;
    const worst = [...details].sort(([, a], [, b]) => b - a).slice(0, listRows ? Infinity : 8);
    const list = worst.map(([detail, times]) => `${detail} ${times}`).join(', ');
    console.log(
      `  ${holds ? ' ' : '!'} ${group.padEnd(18)}${(share * 100).toFixed(2).padStart(7)} %  ` +
        `(${wrong} of ${count} wrong${list && `: ${list}`})`,
    );
  }
  return all;
}

const cases =
  folder === undefined ? generated() : [...casesOfFile('positives.jsonl'), ...casesOfFile('negatives.jsonl')];
const hidden = report('secrets hidden', tally(cases.filter(({ secret }) => secret !== undefined)), false);
const altered = report('texts altered', tally(cases.filter(({ secret }) => secret === undefined)), true);
const linear = folder !== undefined || reportTimes();
process.exitCode = hidden && altered && linear ? 0 : 1;

/** Prints the slowest hostile texts; true when none takes much more than twice as long for twice the length. */
function reportTimes(): boolean {
  console.log('hostile texts, slowest first: ms for 200 kB, and how much longer than for 100 kB');
  const times = [...HOSTILE_UNITS, ...HOSTILE_IDENTIFIERS].map((unit) => {
    hostileTime(policy, 20_000, unit);
    const [half, whole] = [100_000, 200_000].map((length) => hostileTime(policy, length, unit, 5)) as [number, number];
    return { unit, whole, growth: whole / half };
  });
  times.sort((a, b) => b.whole - a.whole);
  for (const { unit, whole, growth } of times.slice(0, 5)) {
    console.log(`    ${JSON.stringify(unit).padEnd(20)}${whole.toFixed(1).padStart(7)} ms  ${growth.toFixed(2)} times`);
  }
  return times.every(({ whole, growth }) => whole < 50 || growth < 3);
}
