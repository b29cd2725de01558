import { ByteWriter } from '../../core/byte-writer.ts';
import type { Batch } from '../../core/batch.ts';
import type { Wrap } from '../../core/origin.ts';
import { FRAME_HEADER_BYTES, FRAME_KIND, HEAD_BYTES, writeFrame } from './frame.ts';
import { encodeOrigin, encodeWrap } from './origin.ts';
import type { Segment } from './segment.ts';
import type { Tracked } from './tracked-batch.ts';

/** What stands around records in a request, for whoever sends them later. */
export interface SpoolEnvelope {
  readonly contentType: string;
  frame(): Wrap;
  scopeFrame(id: number): Wrap;
}

/** Records of one batch in a row. */
export interface Part {
  readonly tracked: Tracked;
  /** Its first record; further on when others were faster to write the first ones. */
  from: number;
  readonly to: number;
  /** Where in the file; undefined for a record that is larger than the whole spool, and can't be written at all. */
  readonly offset: number | undefined;
}

/** What one write holds: how far it brings each batch. */
export interface Piece {
  readonly segment: Segment;
  readonly parts: readonly Part[];
  /** Scopes that are defined in it. */
  readonly scopes: readonly number[];
  /** A copy of the origin is in it. */
  readonly hasOrigin: boolean;
  /** 0 when it is about records that can't be written. */
  readonly length: number;
}

export interface Room {
  /** Bytes that the spool may still grow. */
  readonly spoolBytes: number;
  /** Bytes after which no further batch is begun in this segment. */
  readonly segmentBytes: number;
  /** The largest record, with all that it needs around it, that an empty spool has room for. */
  readonly recordBytes: number;
}

/** Bytes of one write, roughly. */
const PIECE_BYTES = 1024 * 1024;

/** A damage of the medium takes a page at least. */
const PAGE_BYTES = 4_096;

export const MAX_ORIGIN_COPIES = 3;

/** What a segment begins with. Its copies come behind the first records. */
export function originFrame(segment: Segment, envelope: SpoolEnvelope): ByteWriter {
  const out = new ByteWriter(4_096);
  writeOrigin(out, segment, encodeOrigin(envelope.contentType, envelope.frame()));
  return out;
}

/** Bytes of one copy of the origin. */
export function originBytes(envelope: SpoolEnvelope): number {
  return FRAME_HEADER_BYTES + encodeOrigin(envelope.contentType, envelope.frame()).length;
}

/**
 * Adds a copy of the origin where one belongs: behind the first write, whose records would be lost with the first copy
 * otherwise, and once more where no damage of one page takes it as well. True when it did.
 */
function copyOrigin(out: ByteWriter, segment: Segment, envelope: SpoolEnvelope): boolean {
  if (out.length === 0 || segment.originCopies >= MAX_ORIGIN_COPIES) return false;
  const payload = encodeOrigin(envelope.contentType, envelope.frame());
  const firstEnd = HEAD_BYTES + FRAME_HEADER_BYTES + payload.length;
  const isBeyond = pageOf(segment.size + out.length) > pageOf(firstEnd - 1);
  if (segment.originCopies > 1 && !isBeyond) return false;
  writeOrigin(out, segment, payload);
  return true;
}

function pageOf(at: number): number {
  return Math.floor(at / PAGE_BYTES);
}

/** Puts frames of what is not written into `out`, which is emptied first; `undefined` when there is nothing, or no room. */
export function collectPiece(
  unwritten: readonly Tracked[],
  segment: Segment,
  envelope: SpoolEnvelope,
  room: Room,
  out: ByteWriter,
): Piece | undefined {
  out.length = 0;
  const collecting = new Collecting(segment, envelope, room, out);
  for (const tracked of unwritten) {
    if (tracked.isWritten) continue;
    if (out.length >= room.segmentBytes && out.length > 0) break;
    if (!collecting.add(tracked)) break;
  }
  const { parts, scopes } = collecting;
  const hasOrigin = copyOrigin(out, segment, envelope);
  return parts.length > 0 ? { segment, parts, scopes, hasOrigin, length: out.length } : undefined;
}

class Collecting {
  readonly parts: Part[] = [];
  readonly scopes: number[] = [];
  readonly #segment: Segment;
  readonly #envelope: SpoolEnvelope;
  readonly #room: Room;
  readonly #out: ByteWriter;

  constructor(segment: Segment, envelope: SpoolEnvelope, room: Room, out: ByteWriter) {
    this.#segment = segment;
    this.#envelope = envelope;
    this.#room = room;
    this.#out = out;
  }

  /** False when there is no room for more, or it is enough for one write. */
  add(tracked: Tracked): boolean {
    const { batch } = tracked;
    const out = this.#out;
    for (let from = tracked.next; from < batch.count;) {
      let to = from;
      let offset = out.length;
      let fit: Fit = 'fits';
      while (to < batch.count && out.length < PIECE_BYTES) {
        const scope = this.#newScope(batch.scopeId(to));
        fit = this.#fit(batch, to, scope);
        if (fit !== 'fits') break;
        if (scope !== undefined) this.#define(batch.scopeId(to), scope);
        if (to === from) offset = out.length;
        const header = { kind: FRAME_KIND.record, severity: batch.severity(to), id: batch.firstId + to };
        const { salt } = this.#segment.name;
        writeFrame(out, salt, { ...header, scopeId: batch.scopeId(to) }, batch.bytes, batch.start(to), batch.end(to));
        to++;
      }
      if (to > from) this.parts.push({ tracked, from, to, offset: this.#segment.size + offset });
      if (fit === 'never') this.parts.push({ tracked, from: to, to: ++to, offset: undefined });
      else if (to < batch.count) return false;
      from = to;
    }
    return true;
  }

  #newScope(scopeId: number): Buffer | undefined {
    if (this.#segment.scopes.has(scopeId) || this.scopes.includes(scopeId)) return undefined;
    return encodeWrap(this.#envelope.scopeFrame(scopeId));
  }

  #fit(batch: Batch, index: number, scope: Buffer | undefined): Fit {
    const definitionBytes = scope === undefined ? 0 : 2 * (FRAME_HEADER_BYTES + scope.length);
    const bytes = FRAME_HEADER_BYTES + batch.end(index) - batch.start(index) + definitionBytes;
    if (bytes > this.#room.recordBytes) return 'never';
    return this.#out.length + bytes > this.#room.spoolBytes ? 'later' : 'fits';
  }

  #define(scopeId: number, payload: Buffer): void {
    writeScope(this.#out, this.#segment, scopeId, payload);
    this.scopes.push(scopeId);
  }
}

type Fit = 'fits' | 'later' | 'never';

/** A definition stands there twice, so that no single damage takes it away. */
function writeScope(out: ByteWriter, { name }: Segment, scopeId: number, payload: Buffer): void {
  const header = { kind: FRAME_KIND.scope, severity: 0, id: 0, scopeId };
  for (let i = 0; i < 2; i++) writeFrame(out, name.salt, header, payload, 0, payload.length);
}

function writeOrigin(out: ByteWriter, { name }: Segment, payload: Buffer): void {
  writeFrame(out, name.salt, { kind: FRAME_KIND.origin, severity: 0, id: 0, scopeId: 0 }, payload, 0, payload.length);
}
