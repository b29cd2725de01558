/**
 * The lines of an audit trail. Each is one JSON object, and ends so:
 *
 *     …,"audit.seq":7,"audit.prev":"<64 hex digits>","audit.key":"<id>","audit.hash":"<64 hex digits>"}
 *
 * `audit.hash` is the SHA-256 of the line's bytes as they were written, up to the comma before `"audit.hash"`; with a key
 * it is the HMAC-SHA-256 of them (RFC 2104), and `audit.key` names the key. Without one there is no `audit.key`.
 * `audit.prev` is the hash of the line before, 64 zeros in the first of all; `audit.seq` counts from 1. A new file goes on
 * where the one before it ended. Nothing has to be parsed to be hashed: what is hashed is the line without its last 81
 * bytes.
 */
import { createHmac, hash } from 'node:crypto';
import type { ByteWriter } from '../../core/byte-writer.ts';

/** A secret for HMAC-SHA-256, and the name by which lines say which one it was. */
export interface AuditKey {
  readonly id: string;
  readonly secret: string;
}

/** Where a chain stands: what the next line follows. */
export interface ChainEnd {
  readonly seq: number;
  /** Hash of the last line, in hex. */
  readonly head: string;
}

/** Before the first line. */
export const GENESIS: ChainEnd = Object.freeze({ seq: 0, head: '0'.repeat(64) });

/** What a line says of its place. */
export interface Link extends ChainEnd {
  readonly prev: string;
  /** Undefined where the hash has no key. */
  readonly keyId: string | undefined;
}

/** `,"audit.hash":"`, the hash, `"}`. */
const HASH_BYTES = 81;
/** A link in ASCII: two hashes, a number of up to 16 digits, a key's id of up to 32 bytes. */
const MAX_LINK_BYTES = 300;
const LINK =
  /,"audit\.seq":([1-9]\d{0,15}),"audit\.prev":"([0-9a-f]{64})"(?:,"audit\.key":"([\w.-]{1,32})")?,"audit\.hash":"([0-9a-f]{64})"\}$/;

/** What `audit.hash` has to be of a line's bytes in front of it. */
export function linkHash(bytes: Uint8Array, key: AuditKey | undefined): string {
  return key === undefined
    ? hash('sha256', bytes, 'hex')
    : createHmac('sha256', key.secret).update(bytes).digest('hex');
}

/** The place that a line says it has; `undefined` for what is no line of a trail. `line` is without its line break. */
export function parseLink(line: Buffer): Link | undefined {
  if (line.length <= HASH_BYTES || line[0] !== BRACE) return undefined;
  const match = LINK.exec(line.toString('latin1', Math.max(0, line.length - MAX_LINK_BYTES)));
  if (match === null) return undefined;
  const [, seq, prev, keyId, head] = match;
  return { seq: Number(seq), prev: prev as string, keyId, head: head as string };
}

/** Whether the bytes of a line are those that its hash was made of. */
export function isIntact(line: Buffer, link: Link, key: AuditKey | undefined): boolean {
  return linkHash(line.subarray(0, line.length - HASH_BYTES), key) === link.head;
}

/**
 * Makes a link of the line that stands in `out` from `from` on: a JSON object that is not empty, and a line break.
 *
 * @returns where the chain stands then
 */
export function appendLink(out: ByteWriter, from: number, after: ChainEnd, key: AuditKey | undefined): ChainEnd {
  const seq = after.seq + 1;
  out.length -= CLOSING.length;
  const keyText = key === undefined ? '' : `,"audit.key":"${key.id}"`;
  appendAscii(out, `,"audit.seq":${seq},"audit.prev":"${after.head}"${keyText}`);
  const head = linkHash(out.bytes.subarray(from, out.length), key);
  appendAscii(out, `,"audit.hash":"${head}"${CLOSING}`);
  return { seq, head };
}

function appendAscii(out: ByteWriter, text: string): void {
  out.reserve(text.length);
  out.length += out.bytes.write(text, out.length, 'latin1');
}

/** How every line ends. */
const CLOSING = '}\n';
const BRACE = 0x7b;
