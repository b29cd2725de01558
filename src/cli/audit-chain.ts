import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { GENESIS, isIntact, parseLink } from '../export/audit/chain.ts';
import type { AuditKey, Link } from '../export/audit/chain.ts';

/** What can be wrong with a trail, and what of it is only worth knowing. */
export type FindingKind =
  | 'altered'
  | 'missing'
  | 'order'
  | 'foreign'
  | 'cut'
  | 'beginning'
  | 'key'
  | 'head'
  | 'file_missing'
  | 'fork'
  | 'torn'
  | 'gap'
  | 'continues';

export interface Finding {
  readonly kind: FindingKind;
  /** From 1 on; undefined for what concerns the file as a whole. */
  readonly line: number | undefined;
  readonly seq: number | undefined;
  /** What it means. */
  readonly text: string;
}

/** Findings of one kind can be as many as there are lines. */
const MAX_FINDINGS = 1_000;

/** Lines that are none of a trail, until a line explains them. */
interface Strangers {
  readonly line: number;
  count: number;
  bytes: number;
  readonly hash: Hash;
}

interface OwnLine {
  readonly event?: unknown;
  readonly logger?: unknown;
  readonly opening?: unknown;
  readonly count?: unknown;
  readonly reason?: unknown;
  readonly unchained_bytes?: unknown;
  readonly unchained_sha256?: unknown;
}

/** Checks the lines of one file, one after the other, and keeps none. */
export class ChainCheck {
  /** Lines of the trail. */
  lines = 0;
  first: Link | undefined;
  last: Link | undefined;
  readonly problems: Finding[] = [];
  readonly notes: Finding[] = [];
  /** Problems that are not listed any more. */
  unlisted = 0;
  readonly #keys: ReadonlyMap<string, AuditKey>;
  #line = 0;
  #strangers: Strangers | undefined;
  /** What was said of keys; once is enough. */
  readonly #saidOfKeys = new Set<string>();

  constructor(keys: readonly AuditKey[]) {
    this.#keys = new Map(keys.map((key) => [key.id, key]));
  }

  /** @param line without its line break; valid during the call */
  add(line: Buffer): Link | undefined {
    this.#line++;
    const link = parseLink(line);
    if (link === undefined) {
      this.#addStranger(line);
      return undefined;
    }
    this.lines++;
    const own = line.includes(OWN_MARK) ? parseOwn(line) : undefined;
    this.#explainStrangers(own);
    if (this.#isReadable(link) && !isIntact(line, link, this.#keys.get(link.keyId ?? ''))) {
      this.#problem('altered', link, 'the line was changed: its hash is not that of its bytes');
    }
    if (this.last === undefined) this.#checkBeginning(link, own);
    else this.#checkPlace(link, this.last);
    if (own?.event === 'spanlog.audit_gap' && Number(own.count) > 0) {
      const text = `${String(own.count)} records could not be written before this line (${String(own.reason)})`;
      this.notes.push({ kind: 'gap', line: this.#line, seq: link.seq, text });
    }
    this.first ??= link;
    this.last = link;
    return link;
  }

  /** @param hasRest the file does not end with a line break */
  end(hasRest: boolean): void {
    const strangers = this.#strangers;
    if (hasRest) {
      const text =
        'the file ends within a line: a crash (the next start of the process marks it), or somebody cut the file';
      this.#problem('cut', undefined, text);
    } else if (strangers !== undefined) {
      this.#foreign(strangers);
    }
    if (this.first === undefined && this.problems.length === 0) {
      this.#problem('beginning', undefined, 'the file holds no line of an audit trail');
    }
  }

  #addStranger(line: Buffer): void {
    this.#strangers ??= { line: this.#line, count: 0, bytes: 0, hash: createHash('sha256') };
    this.#strangers.count++;
    this.#strangers.bytes += line.length + 1;
    this.#strangers.hash.update(line).update('\n');
  }

  /** A writer says of bytes before its line that they are not in the chain. One torn line is what a crash leaves. */
  #explainStrangers(own: OwnLine | undefined): void {
    const strangers = this.#strangers;
    this.#strangers = undefined;
    const told = own?.unchained_bytes;
    if (strangers === undefined) {
      if (told === undefined) return;
      this.#problem('missing', undefined, `the line tells of ${Number(told)} bytes before it that are not there`);
      return;
    }
    const { line, count, bytes, hash } = strangers;
    if (count === 1 && told === bytes && own?.unchained_sha256 === hash.digest('hex')) {
      const text = 'a line that a crash left unfinished; the writer went on after it and says so';
      this.notes.push({ kind: 'torn', line, seq: undefined, text });
    } else {
      this.#foreign(strangers);
    }
  }

  #foreign({ line, count }: Strangers): void {
    const lines = count === 1 ? 'the line is' : `${count} lines from here on are`;
    this.#add({ kind: 'foreign', line, seq: undefined, text: `${lines} none of the trail: inserted, or damaged` });
  }

  /** Whether the hash can be checked; what is said of the key otherwise. */
  #isReadable({ keyId, seq }: Link): boolean {
    const isKnown = keyId === undefined ? this.#keys.size === 0 : this.#keys.has(keyId);
    if (isKnown) return true;
    const said = keyId ?? '';
    if (!this.#saidOfKeys.has(said)) {
      this.#saidOfKeys.add(said);
      const text =
        keyId === undefined
          ? 'the line has no key, so that anyone could have written it; a file without keys is checked without SPANLOG_AUDIT_KEY'
          : `lines are made with the key ${JSON.stringify(keyId)}, which SPANLOG_AUDIT_KEY does not hold: their hashes can’t be checked`;
      this.#add({ kind: 'key', line: this.#line, seq, text });
    }
    return false;
  }

  #checkBeginning(link: Link, own: OwnLine | undefined): void {
    const isOpening = own?.event === 'spanlog.audit_opened';
    const isFirst = link.seq === 1 && link.prev === GENESIS.head;
    if (isOpening && isFirst && own.opening === 'new') return;
    if (isOpening && link.seq > 1 && (own.opening === 'rotated' || own.opening === 'truncated')) return;
    this.#problem('beginning', link, 'the lines before this one are gone: no file begins with such a line');
  }

  #checkPlace(link: Link, before: Link): void {
    if (link.prev === before.head && link.seq === before.seq + 1) return;
    if (link.seq > before.seq + 1) {
      const count = link.seq - before.seq - 1;
      this.#problem('missing', link, `${count} ${count === 1 ? 'line is' : 'lines are'} missing before this one`);
    } else if (link.seq <= before.seq) {
      this.#problem('order', link, `the line does not belong here: it follows the one of seq ${before.seq}`);
    } else {
      this.#problem('missing', link, 'the line before this one is not the one that it was written after');
    }
  }

  #problem(kind: FindingKind, link: Link | undefined, text: string): void {
    this.#add({ kind, line: this.#line, seq: link?.seq, text });
  }

  #add(finding: Finding): void {
    if (this.problems.length < MAX_FINDINGS) this.problems.push(finding);
    else this.unlisted++;
  }
}

const OWN_MARK = '"event":"spanlog.audit_';

/** A line that the writer has made of its own accord. */
function parseOwn(line: Buffer): OwnLine | undefined {
  try {
    const own = JSON.parse(line.toString()) as OwnLine;
    return own.logger === 'spanlog' ? own : undefined;
  } catch {
    // It was changed, and is told of for its hash.
    return undefined;
  }
}
