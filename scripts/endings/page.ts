import type { Machine } from '../../bench/machine.ts';
import { END_NAMES, ENDS } from './ends.ts';
import { GUARANTEES } from './guarantees.ts';
import type { Outcome } from './run-cell.ts';
import { PROCESS_TIMEOUT_MS } from './run-cell.ts';
import type { SetUpName } from './set-ups.ts';
import { SET_UP_NAMES, setUpOf } from './set-ups.ts';

/** What `docs/endings.md` is made of. */
export interface Page {
  readonly records: number;
  /** With the Collector up. */
  readonly outcomes: readonly Outcome[];
  /** With the Collector down. */
  readonly outage: readonly Outcome[];
  readonly machine: Machine;
  readonly versions: readonly [name: string, version: string][];
  readonly spanlog: 'built' | 'source';
  /** ISO date of the run. */
  readonly date: string;
  readonly tookMs: number;
}

const STILL_RUNNING = `still running after ${PROCESS_TIMEOUT_MS / 1_000} s`;
const number = new Intl.NumberFormat('en-US');

/** Markdown, not formatted yet. */
export function endingsPage(page: Page): string {
  const { machine, records } = page;
  const count = number.format(records);
  return [
    '# What survives which end',
    '<!-- Made by `npm run endings`; do not edit. Its words stand in scripts/endings/. -->',
    `An application logs ${count} records in one go, and ends at once. What of them arrives?`,
    GUARANTEES,
    '## What arrives',
    `Records of ${count} that arrive while the collector is up. \`+\` stands before what the next start of the same ` +
      `application delivered, out of the spool.`,
    table(page.outcomes, (outcome) => arrivedText(outcome, records)),
    '## How long the end takes',
    'Milliseconds from the return of the last call, or from the signal, until the process is gone; one run, so give or take.',
    table(page.outcomes, (outcome) => tookText(outcome).replace(' ms', '')),
    '## Whether the end stays what it is',
    changesText(page),
    '## With a dead collector',
    `The same ${count} records with nobody listening; then the collector comes back, and the application starts once more.`,
    outageTable(page.outage, records),
    METHOD,
    [
      page.date,
      `Node ${machine.node}`,
      machine.processor,
      machine.memory,
      machine.system,
      `Collector ${machine.collector}`,
      `spanlog ${page.spanlog === 'built' ? 'as built' : 'from source'}`,
      `took ${Math.round(page.tookMs / 1_000)} s`,
      ...page.versions.map(([name, version]) => `${name} ${version}`),
    ].join(' · '),
    '',
  ].join('\n\n');
}

function table(outcomes: readonly Outcome[], cell: (outcome: Outcome) => string): string {
  const ends = END_NAMES.filter((end) => outcomes.some((outcome) => outcome.end === end));
  const setUps = SET_UP_NAMES.filter((setUp) => outcomes.some((outcome) => outcome.setUp === setUp));
  return [
    `| | ${ends.map((end) => ENDS[end].title).join(' | ')} |`,
    `| --- |${' --: |'.repeat(ends.length)}`,
    ...setUps.map((setUp) => {
      const cells = ends.map((end) => {
        const outcome = outcomes.find((candidate) => candidate.setUp === setUp && candidate.end === end);
        return outcome === undefined ? '–' : cell(outcome);
      });
      return `| ${titleOf(setUp)} | ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

function titleOf(setUp: SetUpName): string {
  const { title, ours } = setUpOf(setUp);
  return ours ? `**${title}**` : title;
}

function arrivedText({ arrived, arrivedLater, duplicates }: Outcome, records: number): string {
  const later = arrivedLater === undefined ? '' : ` + ${number.format(arrivedLater)}`;
  const twice = duplicates === 0 ? '' : ` (${number.format(duplicates)} twice)`;
  const isAll = arrived + (arrivedLater ?? 0) === records;
  const text = arrived === records ? 'all' : `${number.format(arrived)}${later}`;
  return isAll ? `**${text}**${twice}` : `${text}${twice}`;
}

function tookText({ tookMs }: Outcome): string {
  return tookMs === undefined ? STILL_RUNNING : `${number.format(tookMs)} ms`;
}

function exitText({ exit }: Outcome): string {
  if (exit === undefined) return STILL_RUNNING;
  return exit.signal ?? `exit code ${exit.code}`;
}

/** Whether the parent sees what it would see without any logger. */
export function isKept(outcome: Outcome): boolean {
  const due = ENDS[outcome.end].exit;
  return outcome.exit?.code === due.code && outcome.exit.signal === due.signal;
}

function changesText({ outcomes, outage }: Page): string {
  const rest = 'the exit code, or the signal, is the one that Node gives by itself';
  const lines = [...changesOf(outcomes, ''), ...changesOf(outage, ', with a dead collector')];
  return lines.length === 0 ? `Everywhere ${rest}.` : [...lines, '', `Everywhere else ${rest}.`].join('\n');
}

function changesOf(outcomes: readonly Outcome[], where: string): string[] {
  return outcomes
    .filter((outcome) => !isKept(outcome))
    .map((outcome) => {
      const { setUp, end } = outcome;
      const due = ENDS[end].exit;
      const dueText = due.signal ?? `exit code ${due.code}`;
      return `- ${setUpOf(setUp).title}, ${ENDS[end].title}${where}: ${exitText(outcome)} in place of ${dueText}`;
    });
}

function outageTable(outcomes: readonly Outcome[], records: number): string {
  // Many say the same: each text stands below, once.
  const texts = [...new Set(outcomes.flatMap(saidOf))];
  const said = (outcome: Outcome): string =>
    [...new Set(saidOf(outcome))].map((text) => texts.indexOf(text) + 1).join(', ') || 'nothing';
  return [
    '| | end | took | said on stderr | at the next start |',
    '| --- | --- | --: | --- | --: |',
    ...outcomes.map((outcome) => {
      const { setUp, end } = outcome;
      const cells = [titleOf(setUp), ENDS[end].title, tookText(outcome), said(outcome), laterText(outcome, records)];
      return `| ${cells.join(' | ')} |`;
    }),
    '',
    ...texts.map((text, i) => `${i + 1}. \`\` ${text} \`\``),
  ].join('\n');
}

function laterText(outcome: Outcome, records: number): string {
  if (outcome.arrivedLater === undefined) return 'nothing is kept';
  const twice = outcome.duplicates === 0 ? '' : ` (${number.format(outcome.duplicates)} twice)`;
  return outcome.arrivedLater === records ? `**all**${twice}` : `${number.format(outcome.arrivedLater)}${twice}`;
}

/** Lines of stderr. On the page the Collector has its usual port, and no line is endless. */
function saidOf({ stderr }: Outcome): string[] {
  return stderr
    .split('\n')
    .map((line) => line.trim().replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:4318'))
    .filter((line) => line !== '')
    .map((line) => (line.length > 240 ? `${line.slice(0, 240)}…` : line))
    .slice(0, 3);
}

const METHOD = `## How it is measured

- Each cell is a process of its own, ended for real: by itself, or by a signal from its parent. All run on their defaults,
  one after the other. Arrivals are counted by the records’ numbers, in what a real Collector wrote; no logger is believed.
- The records are logged within one turn of the event loop, so that no batch can leave meanwhile. The default queue
  of the SDK’s batch processor holds 2,048 records: of such a burst it sends 2,560 at most, however the process ends.
- *at once* means in the same turn, from inside: all records are younger than \`spool.windowMs\` then, so that \`disk\` promises
  nothing of them. *200 ms later*, the application is idle; nothing but the logger works.
- What works in a thread gets 800 ms to start before the first record.
- The two rows of pino that write a file send nothing: they show what is left for somebody else to read and send.`;
