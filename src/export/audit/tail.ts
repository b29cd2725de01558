import * as fs from 'node:fs';
import { hash } from 'node:crypto';
import { GENESIS, parseLink } from './chain.ts';
import type { ChainEnd } from './chain.ts';

/** How a file that is there ends. */
export interface Tail {
  readonly end: ChainEnd;
  /** Whether its last line has a key; undefined when there is no line. */
  readonly isKeyed: boolean | undefined;
  /** Bytes behind the last line of the chain: what a crash left of one, or what somebody else wrote. */
  readonly unchained: Unchained | undefined;
  /** The file does not end with a line break: the next line has to begin with one. */
  readonly isOpen: boolean;
}

/** Bytes that are in a file and not in its chain, with the line break that ends them. */
export interface Unchained {
  readonly bytes: number;
  /** SHA-256, in hex. */
  readonly sha256: string;
}

const FIRST_WINDOW = 65_536;
/** No line is as long: fields, texts and attributes have limits that are far below. */
const LAST_WINDOW = 16 * 1_048_576;
const NEWLINE = 0x0a;

/** Reads how the file ends; `undefined` when it is no audit trail. */
export function readTail(fd: number, size: number): Tail | undefined {
  if (size === 0) return { end: GENESIS, isKeyed: undefined, unchained: undefined, isOpen: false };
  for (let window = FIRST_WINDOW; ; window *= 4) {
    const bytes = readBytes(fd, Math.max(0, size - window), size);
    const tail = tailOf(bytes, bytes.length === size);
    if (tail !== undefined) return tail;
    if (bytes.length === size || window >= LAST_WINDOW) break;
  }
  // A first line of all that a crash has torn.
  const bytes = readBytes(fd, 0, Math.min(size, LAST_WINDOW));
  const isTorn = bytes.length === size && !bytes.includes(NEWLINE) && bytes.toString('latin1', 0, 9) === '{"time":"';
  return isTorn ? { end: GENESIS, isKeyed: undefined, unchained: unchainedOf(bytes), isOpen: true } : undefined;
}

/** What is in `bytes` behind the last line of the chain that ends in them. */
function tailOf(bytes: Buffer, isWhole: boolean): Tail | undefined {
  for (let to = bytes.length; to > 0;) {
    const lineEnd = bytes[to - 1] === NEWLINE ? to - 1 : to;
    const from = lineEnd === 0 ? 0 : bytes.lastIndexOf(NEWLINE, lineEnd - 1) + 1;
    // Its beginning may be before what was read.
    if (from === 0 && !isWhole) return undefined;
    const link = parseLink(bytes.subarray(from, lineEnd));
    if (link !== undefined) {
      const { seq, head, keyId } = link;
      const rest = bytes.subarray(to);
      return {
        end: { seq, head },
        isKeyed: keyId !== undefined,
        unchained: rest.length === 0 ? undefined : unchainedOf(rest),
        isOpen: bytes.at(-1) !== NEWLINE,
      };
    }
    to = from;
  }
  return undefined;
}

/** The bytes of a file from `from` up to `to`, or its end. */
export function readBytes(fd: number, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(to - from);
  let length = 0;
  while (length < bytes.length) {
    const read = fs.readSync(fd, bytes, length, bytes.length - length, from + length);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

export function unchainedOf(bytes: Buffer): Unchained {
  const lines = bytes.at(-1) === NEWLINE ? bytes : Buffer.concat([bytes, Buffer.of(NEWLINE)]);
  return { bytes: lines.length, sha256: hash('sha256', lines, 'hex') };
}
