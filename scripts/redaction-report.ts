/**
 * Measures the default redaction over a corpus: `node scripts/redaction-report.ts <folder> [--kinds=ip,phone] [--rows]`.
 *
 * The folder holds `positives.jsonl` (a secret inside a text, which must not survive) and `negatives.jsonl` (texts that
 * must survive unchanged), one JSON object a line, the texts in base64 so that no secret scanner takes them for real:
 * `{ tier, kind, text64, secret64 }`. `--rows` lists every row that went wrong.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createPolicy } from '../src/pipeline/redact/policy.ts';

interface Row {
  readonly tier: string;
  readonly kind: string;
  readonly text64: string;
  readonly secret64?: string;
}

interface Tally {
  rows: number;
  wrong: number;
  readonly kinds: Map<string, number>;
}

const [folder, ...flags] = process.argv.slice(2);
if (folder === undefined) {
  console.error(
    'Usage: node scripts/redaction-report.ts <folder with positives.jsonl and negatives.jsonl> [--kinds=ip,phone] [--rows]',
  );
  process.exit(2);
}

const optional =
  flags
    .find((flag) => flag.startsWith('--kinds='))
    ?.slice('--kinds='.length)
    .split(',') ?? [];
const policy = createPolicy({ kinds: Object.fromEntries(optional.map((kind) => [kind, true])) });
const listRows = flags.includes('--rows');

function rowsOf(file: string): Row[] {
  const lines = readFileSync(path.join(folder as string, file), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
}

/** Counts, per tier, the rows for which `isWrong` holds. */
function tally(rows: readonly Row[], isWrong: (text: string, shown: string, row: Row) => boolean): Map<string, Tally> {
  const tiers = new Map<string, Tally>();
  for (const row of rows) {
    const tier = tiers.get(row.tier) ?? { rows: 0, wrong: 0, kinds: new Map<string, number>() };
    tiers.set(row.tier, tier);
    tier.rows++;
    const text = decode(row.text64);
    const shown = policy.text(text);
    if (!isWrong(text, shown, row)) continue;
    tier.wrong++;
    tier.kinds.set(row.kind, (tier.kinds.get(row.kind) ?? 0) + 1);
    if (listRows) console.log(`${row.tier} ${row.kind}: ${JSON.stringify(text)} -> ${JSON.stringify(shown)}`);
  }
  return tiers;
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

function print(title: string, tiers: ReadonlyMap<string, Tally>, share: (tally: Tally) => number): void {
  console.log(title);
  for (const [tier, result] of tiers) {
    const kinds = [...result.kinds].map(([kind, count]) => `${kind} ${count}`).join(', ');
    const percent = (share(result) * 100).toFixed(1).padStart(6);
    console.log(`  ${tier.padEnd(14)}${percent} %  (${result.wrong} of ${result.rows} wrong${kinds && `: ${kinds}`})`);
  }
}

const hidden = tally(rowsOf('positives.jsonl'), (_text, shown, row) => shown.includes(decode(row.secret64 ?? '')));
const altered = tally(rowsOf('negatives.jsonl'), (text, shown) => shown !== text);
print('secrets hidden', hidden, ({ rows, wrong }) => (rows - wrong) / rows);
print('harmless texts altered', altered, ({ rows, wrong }) => wrong / rows);
