import { BUDGETS, STRINGIFY_AIM } from './budgets.ts';
import type { ChartRow } from './chart.ts';
import { formatCount, formatPercent } from './chart.ts';
import type { Machine } from './machine.ts';
import type { BenchOptions } from './options.ts';
import type { RowName } from './peer-list.ts';
import { METHOD } from './method.ts';
import { stagesSection } from './stages/run-stages.ts';
import { requestsSection } from './requests/report.ts';
import type { MeasureName, Results } from './results.ts';
import type { OwnRow } from './own-rows.ts';
import { callRows, durabilityRows, scaleRows } from './own-rows.ts';

/** What `RESULTS.md` is made of. */
export interface Report {
  options: BenchOptions;
  rows: readonly ChartRow[];
  results: Results;
  machine: Machine;
  versions: readonly [name: string, version: string][];
  /** ISO date of the run. */
  date: string;
  tookMs: number;
}

/** Writes the results as Markdown: what each peer costs, against the budgets, and what that does and doesn't say. */
export async function writeReport(report: Report): Promise<string> {
  const { options, machine } = report;
  return [
    '# What a record costs',
    'Written by `npm run bench`; do not edit. The picture below is `results.svg` beside this file.',
    '![What a record costs, peer by peer](results.svg)',
    `${report.date} · Node ${machine.node} · ${machine.processor} · ${machine.memory} · ${machine.system} · ` +
      `Collector ${machine.collector} · load before ${machine.loadBefore} · ${formatCount(options.records)} records · ${options.rounds} ${options.rounds === 1 ? 'round' : 'rounds'} · ` +
      `spanlog ${options.spanlog === 'built' ? 'as built' : 'from source'} · took ${Math.round(report.tookMs / 1_000)} s`,
    '## Cost of a delivered record',
    'ns a record, and in brackets the ratio to sdk-logs + OTLP protobuf of the same round. spanlog redacts; the others do not.',
    table(report.rows, ['in the call', 'main thread in all', 'CPU in all'], (row) => [
      nanoseconds(report, row, 'call'),
      nanoseconds(report, row, 'mainThread'),
      nanoseconds(report, row, 'cpu'),
    ]),
    `Yardsticks in the same loop: \`JSON.stringify\` of the five fields ${plain(report, 'json-stringify')}, ` +
      `the loop with nothing in it ${plain(report, 'nothing')}.`,
    '## Under pressure',
    `Memory: resident bytes that ${formatCount(options.records)} records hold while the Collector hangs. ` +
      `Burst: share of ${formatCount(options.burstRecords)} records that arrives on default settings.`,
    table(report.rows, ['memory', 'burst, all at once', 'burst, 1,000 records a millisecond'], (row) => [
      megabytes(report, row),
      share(report, row, 'burstAtOnce'),
      share(report, row, 'burstSpread'),
    ]),
    '## A disabled level',
    'ns for a DEBUG call with five fields at level INFO, and in brackets the ratio to pino.',
    table(report.rows, ['disabled call'], (row) => [nanoseconds(report, row, 'disabled', 1)]),
    ...ownSection(report, '## Ways to log', CALLS_NOTE, callRows(options)),
    ...stagesSection(report.results),
    ...ownSection(report, '## At scale', 'spanlog', scaleRows(options)),
    ...ownSection(report, '## Durability', DURABILITY_NOTE, durabilityRows(options)),
    ...(await requestsSection(options, report.results)),
    ...budgetSection(report),
    METHOD,
    '## Versions',
    report.versions.map(([name, version]) => `${name} ${version}`).join(' · '),
    '',
  ].join('\n\n');
}

const CALLS_NOTE = 'Other calls than the plain one, each all delivered';
const DURABILITY_NOTE = 'spanlog with a spool in the folder for temporary files, sound Collector';

function ownSection(report: Report, heading: string, what: string, rows: readonly OwnRow[]): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(({ name, title, against }) => {
    const cells = (['call', 'mainThread', 'cpu'] as const).map((measure) => {
      const figure = report.results.figure(name, measure, against);
      return figure === undefined ? '–' : formatCount(figure.value) + ratioSuffix(figure.ratio);
    });
    return `| ${title} | ${cells.join(' | ')} |`;
  });
  return [
    heading,
    `${what}, ns a record, and in brackets the ratio to the plain run of the same logger.`,
    ['| | in the call | main thread in all | CPU in all |', '|---|--:|--:|--:|', ...lines].join('\n'),
  ];
}

function budgetSection(report: Report): string[] {
  const { results } = report;
  if (results.figure('spanlog', 'call') === undefined) return [];
  const lines = ['| spanlog, redaction on | budget | measured | rounds | |', '|---|---|---|---|---|'];
  for (const { measure, label, of, limit, kind } of BUDGETS) {
    const figure = results.figure('spanlog', measure);
    const measured = kind === 'at-least' ? figure?.value : figure?.ratio;
    if (figure === undefined || measured === undefined) continue;
    const met = kind === 'at-least' ? measured >= limit : measured <= limit;
    const budget = kind === 'at-least' ? `${formatPercent(limit)} % of ${of}` : `≤ ${limit} × ${of}`;
    const shown = kind === 'at-least' ? `${formatPercent(measured)} %` : `${measured.toFixed(2)} ×`;
    const spread =
      kind === 'at-least' ? '' : `${figure.leastRatio?.toFixed(2) ?? ''}–${figure.greatestRatio?.toFixed(2) ?? ''}`;
    lines.push(`| ${label} | ${budget} | ${shown} | ${spread} | ${met ? 'met' : 'missed'} |`);
  }
  const stringify = results.figure('json-stringify', 'call')?.value;
  const call = results.figure('spanlog', 'call')?.value;
  if (stringify !== undefined && call !== undefined) {
    const times = call / stringify;
    lines.push(
      `| in the call | aim: ≤ ${STRINGIFY_AIM} × JSON.stringify | ${times.toFixed(2)} × | | ` +
        `${times <= STRINGIFY_AIM ? 'met' : 'missed'} |`,
    );
  }
  return ['## Budgets', lines.join('\n')];
}

function table(rows: readonly ChartRow[], columns: readonly string[], cells: (row: RowName) => string[]): string {
  return [
    `| | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '--:|').join('')}`,
    ...rows.map((row) => `| ${row.ours ? `**${row.title}**` : row.title} | ${cells(row.name).join(' | ')} |`),
  ].join('\n');
}

function nanoseconds(report: Report, row: RowName, measure: MeasureName, digits = 0): string {
  const figure = report.results.figure(row, measure);
  if (figure === undefined) return '–';
  const value = digits === 0 ? formatCount(figure.value) : figure.value.toFixed(digits);
  return value + ratioSuffix(figure.ratio);
}

function plain(report: Report, row: RowName): string {
  const figure = report.results.figure(row, 'call');
  return figure === undefined ? '–' : `${formatCount(figure.value)} ns`;
}

function megabytes(report: Report, row: RowName): string {
  const figure = report.results.figure(row, 'memory');
  return figure === undefined ? '–' : `${formatCount(figure.value / 1e6)} MB${ratioSuffix(figure.ratio)}`;
}

function share(report: Report, row: RowName, measure: MeasureName): string {
  const figure = report.results.figure(row, measure);
  return figure === undefined ? '–' : `${formatPercent(figure.value)} %`;
}

function ratioSuffix(ratio: number | undefined): string {
  return ratio === undefined ? '' : ` (${ratio.toFixed(2)})`;
}
