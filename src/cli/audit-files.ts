import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { GENESIS } from '../export/audit/chain.ts';
import type { AuditKey, ChainEnd, Link } from '../export/audit/chain.ts';
import { ChainCheck } from './audit-chain.ts';
import type { Finding } from './audit-chain.ts';

/** What was found of one file. */
export interface FileReport {
  readonly file: string;
  readonly lines: number;
  readonly first: number | undefined;
  readonly last: ChainEnd | undefined;
  readonly problems: readonly Finding[];
  readonly notes: readonly Finding[];
  /** Problems beyond those that are listed. */
  readonly unlisted: number;
}

/** A line that has to be in the chain: from an anchor, or from an earlier look at it. */
export interface Expected {
  readonly head: string | undefined;
  readonly seq: number | undefined;
  /** Files before the first one are kept elsewhere. */
  readonly isPartial?: boolean;
}

export interface TrailReport {
  readonly files: readonly FileReport[];
  /** What concerns no single file. */
  readonly problems: readonly Finding[];
}

const CHUNK = 1_048_576;
/** A line of an audit trail is far shorter; a file without line breaks must not fill the memory. */
const MAX_LINE = 64 * CHUNK;
const NEWLINE = 0x0a;

interface CheckedFile {
  readonly file: string;
  readonly check: ChainCheck;
}

/**
 * Checks files of one trail, or of several, in any order.
 *
 * @throws what the file system says of a file that can't be read
 */
export function verifyFiles(paths: readonly string[], keys: readonly AuditKey[], expected: Expected): TrailReport {
  let found: Link | undefined;
  const watch = (link: Link): void => {
    if (expected.head === undefined ? link.seq === expected.seq : link.head === expected.head) found = link;
  };
  const checked = paths.map((file) => ({ file, check: checkFile(file, keys, watch) }));
  checked.sort((a, b) => (a.check.first?.seq ?? 0) - (b.check.first?.seq ?? 0));
  for (const one of checked) checkContinuation(one, checked, expected.isPartial === true);
  const problems = [...headProblems(expected, found), ...forkProblems(checked)];
  return { files: checked.map(reportOf), problems };
}

function checkFile(path: string, keys: readonly AuditKey[], watch: (link: Link) => void): ChainCheck {
  const check = new ChainCheck(keys);
  const fd = openSync(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(CHUNK * 2);
    let length = 0;
    for (;;) {
      if (buffer.length - length < CHUNK) {
        if (length > MAX_LINE) {
          throw new Error(`${path} has a line of more than ${MAX_LINE} bytes: it is no audit trail`);
        }
        buffer = Buffer.concat([buffer.subarray(0, length)], buffer.length * 2);
      }
      const read = readSync(fd, buffer, length, CHUNK, null);
      if (read === 0) break;
      const unread = length;
      length += read;
      let from = 0;
      for (let at = buffer.indexOf(NEWLINE, unread); at !== -1 && at < length; at = buffer.indexOf(NEWLINE, from)) {
        const link = check.add(buffer.subarray(from, at));
        if (link !== undefined) watch(link);
        from = at + 1;
      }
      buffer.copyWithin(0, from, length);
      length -= from;
    }
    // A whole line without its line break is none: who wrote it had not ended.
    check.end(length > 0);
    return check;
  } finally {
    closeSync(fd);
  }
}

/** A file that does not begin a chain goes on with one that ends where it begins. */
function checkContinuation({ file, check }: CheckedFile, all: readonly CheckedFile[], isPartial: boolean): void {
  const { first } = check;
  if (first === undefined || first.prev === GENESIS.head) return;
  const follows = ({ last }: ChainCheck): boolean => last?.head === first.prev && last.seq === first.seq - 1;
  if (all.some((other) => follows(other.check))) return;
  const after = `line ${first.seq - 1} (${first.prev})`;
  const earlier = all.some(
    (other) =>
      other.file !== file && trailName(other.file) === trailName(file) && (other.check.first?.seq ?? 0) < first.seq,
  );
  const where = { line: 1, seq: first.seq };
  if (earlier) {
    const text = `the file goes on after ${after}, with which none of the files ends: one between them is missing, or was cut`;
    check.problems.push({ kind: 'file_missing', ...where, text });
  } else if (isPartial) {
    const text = `the file goes on after ${after} of a file that was not given`;
    check.notes.push({ kind: 'continues', ...where, text });
  } else {
    const text = `the file goes on after ${after} of a file that was not given: it was removed, or cut. Give them together, or say --partial where it is kept elsewhere`;
    check.problems.push({ kind: 'file_missing', ...where, text });
  }
}

/** `audit.jsonl` for `audit.jsonl`, `audit.jsonl.000000001234` and `audit.jsonl.1`. */
function trailName(file: string): string {
  return basename(file).replace(/(\.\d+)+$/, '');
}

function forkProblems(checked: readonly CheckedFile[]): Finding[] {
  const problems: Finding[] = [];
  const byPrev = new Map<string, string>();
  for (const { file, check } of checked) {
    const prev = check.first?.prev;
    if (prev === undefined || prev === GENESIS.head) continue;
    const other = byPrev.get(prev);
    byPrev.set(prev, file);
    if (other === undefined) continue;
    const text = `${other} and ${file} both go on after the same line: one of them is a copy, or was made up`;
    problems.push({ kind: 'fork', line: undefined, seq: undefined, text });
  }
  return problems;
}

function headProblems({ head, seq }: Expected, found: Link | undefined): Finding[] {
  if (head === undefined && seq === undefined) return [];
  const where = { kind: 'head', line: undefined, seq } as const;
  if (found === undefined) {
    const line = [seq === undefined ? [] : [`seq ${seq}`], head === undefined ? [] : [`hash ${head}`]]
      .flat()
      .join(', ');
    return [{ ...where, text: `no line has ${line}: the trail was cut, or made anew` }];
  }
  if (seq === undefined || found.seq === seq) return [];
  return [{ ...where, text: `the line of that hash has seq ${found.seq}, and not ${seq}` }];
}

function reportOf({ file, check }: CheckedFile): FileReport {
  const { lines, first, last, problems, notes, unlisted } = check;
  const end = last && { seq: last.seq, head: last.head };
  return { file, lines, first: first?.seq, last: end, problems, notes, unlisted };
}
