import { parseArgs } from 'node:util';
import { parseAuditKeys } from '../config/audit-key-type.ts';
import type { AuditKey } from '../export/audit/chain.ts';
import type { Finding } from './audit-chain.ts';
import { verifyFiles } from './audit-files.ts';
import type { Expected, FileReport } from './audit-files.ts';
import type { Command } from './command.ts';
import { UsageError } from './command.ts';

const HELP = `usage: spanlog audit --verify <file…> [options]

Checks the chain of hashes in audit files: that no line was changed, removed, inserted or moved. Files of one trail are given
together, in any order: one that is missing is told of. The key comes from SPANLOG_AUDIT_KEY; without it, files without a key
are checked. Lines that are missing at the end show only against what is known from elsewhere: an anchor
(spanlog.audit_anchor) in the log backend.
Exit code: 0 when all is sound, 1 when something is broken, 2 for wrong usage.

  --verify              checks the files
  --partial             the files before these are kept elsewhere
  --expect-head <hash>  a line of this hash has to be there
  --expect-seq <number> a line of this number has to be there
  --json                the result as JSON`;

/** Listed for one file; the rest is counted. */
const MAX_SHOWN = 20;

export const AUDIT: Command = {
  name: 'audit',
  summary: 'checks the chain of hashes in audit files',
  help: HELP,
  async run(args) {
    const { values, positionals } = read(args);
    // A pattern for all files of a trail finds the locks as well.
    const files = positionals.filter((file) => !file.endsWith('.lock'));
    if (values.verify !== true) throw new UsageError('say what to do: --verify');
    if (files.length === 0) throw new UsageError('--verify needs one file or more');
    const report = verifyFiles(files, keysOf(process.env.SPANLOG_AUDIT_KEY), expectedOf(values));
    const isSound = report.problems.length === 0 && report.files.every(({ problems }) => problems.length === 0);
    if (values.json === true) {
      say(JSON.stringify({ ok: isSound, ...report }));
    } else {
      for (const file of report.files) tell(file);
      for (const problem of report.problems) say(`BROKEN ${problem.text}`);
      say(isSound ? soundness(report.files) : 'BROKEN: see above');
    }
    return Promise.resolve(isSound ? 0 : 1);
  },
};

interface Values {
  readonly verify?: boolean;
  readonly json?: boolean;
  readonly partial?: boolean;
  readonly 'expect-head'?: string;
  readonly 'expect-seq'?: string;
}

function read(args: readonly string[]): { readonly values: Values; readonly positionals: readonly string[] } {
  try {
    const flag = { type: 'boolean' } as const;
    const text = { type: 'string' } as const;
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { verify: flag, json: flag, partial: flag, 'expect-head': text, 'expect-seq': text },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function keysOf(text: string | undefined): readonly AuditKey[] {
  if (text === undefined || text.trim() === '') return [];
  const keys = parseAuditKeys(text);
  if (keys === undefined) {
    throw new UsageError('SPANLOG_AUDIT_KEY is no id:secret, or several with commas between them');
  }
  return keys;
}

function expectedOf({ 'expect-head': head, 'expect-seq': seq, partial }: Values): Expected {
  if (head !== undefined && !/^[0-9a-f]{64}$/.test(head)) throw new UsageError('--expect-head needs 64 hex digits');
  if (seq !== undefined && !/^[1-9]\d{0,15}$/.test(seq)) throw new UsageError('--expect-seq needs a number from 1 on');
  return { head, seq: seq === undefined ? undefined : Number(seq), isPartial: partial === true };
}

function tell({ file, lines, first, last, problems, notes, unlisted }: FileReport): void {
  const range = first === undefined || last === undefined ? '' : `, seq ${first}–${last.seq}, ends with ${last.head}`;
  say(`${file}: ${lines.toLocaleString('en')} lines${range}`);
  for (const note of notes.slice(0, MAX_SHOWN)) say(`  note   ${described(note)}`);
  for (const problem of problems.slice(0, MAX_SHOWN)) say(`  BROKEN ${described(problem)}`);
  const more = Math.max(0, problems.length - MAX_SHOWN) + unlisted;
  if (more > 0) say(`  BROKEN and at ${more.toLocaleString('en')} more lines`);
}

function soundness(files: readonly FileReport[]): string {
  const isWhole = files.every(({ notes }) => notes.every(({ kind }) => kind !== 'continues'));
  return `sound: nothing was changed, removed or inserted${isWhole ? '' : ' in the files that were given'}`;
}

function described({ line, seq, text }: Finding): string {
  if (line === undefined) return text;
  return `line ${line}${seq === undefined ? '' : ` (seq ${seq})`}: ${text}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
