import { fileURLToPath } from 'node:url';
import { formatCount } from '../chart.ts';
import { ForkedProcess } from '../requests/forked-process.ts';
import type { Results } from '../results.ts';
import { PLAIN_TITLE, STAGES } from './stage-list.ts';
import type { FromStages, StageTask } from './stage-process.ts';

const STAGE_PROCESS = fileURLToPath(new URL('stage-process.ts', import.meta.url));

/** Runs all stages in one process of their own. Rejects when it ends without an answer. */
export async function runStages(task: StageTask, results: Results): Promise<void> {
  await using stages = new ForkedProcess<never, FromStages>('the process of the stages', STAGE_PROCESS, task);
  const { figures } = await stages.ready('measured');
  for (const [title, ns] of Object.entries(figures)) results.add(stageRow(title), 'call', ns);
}

function stageRow(title: string): string {
  return `stage ${title}`;
}

/** The part of `RESULTS.md` about stages, paragraph by paragraph; nothing when they were not run. */
export function stagesSection(results: Results): string[] {
  const lines = STAGES.flatMap(({ title, against = PLAIN_TITLE }) => {
    const figure = results.figure(stageRow(title), 'call', stageRow(against));
    const beside = results.figure(stageRow(against), 'call', stageRow(against));
    if (figure?.ratio === undefined || beside === undefined) return [];
    const isPlain = title === PLAIN_TITLE;
    const adds = isPlain ? '' : signed((figure.ratio - 1) * beside.value);
    return [`| ${title} | ${formatCount(figure.value)} | ${adds} | ${isPlain ? '' : figure.ratio.toFixed(2)} |`];
  });
  if (lines.length === 0) return [];
  return [
    '## Stages',
    'What each stage adds to the call, ns a record: a dozen loggings in one process, each with one stage switched on, ' +
      'take turns of 2,048 records. The recorder is held against all defaults, the others against the first row.',
    ['| | in the call | adds | ratio |', '|---|--:|--:|--:|', ...lines].join('\n'),
  ];
}

function signed(ns: number): string {
  const rounded = Math.round(ns);
  return rounded < 0 ? `−${-rounded}` : `+${rounded}`;
}
