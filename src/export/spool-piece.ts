import { ByteWriter } from '../core/byte-writer.ts';
import type { Wrap } from '../core/origin.ts';
import { FRAME_HEADER_BYTES, FRAME_KIND, writeFrame } from './spool-frame.ts';
import { encodeOrigin, encodeWrap } from './spool-origin.ts';
import type { Segment } from './spool-segment.ts';
import type { Tracked } from './tracked-batch.ts';

/** What stands around records in a request, for whoever sends them later. */
export interface SpoolEnvelope {
  readonly contentType: string;
  frame(): Wrap;
  scopeFrame(id: number): Wrap;
}

/** What one write holds: how far it brings each batch. */
export interface Piece {
  readonly segment: Segment;
  readonly parts: { readonly tracked: Tracked; readonly from: number; readonly to: number; readonly offset: number }[];
  /** Scopes that are defined in it. */
  readonly scopes: number[];
}

/** Bytes of one write, roughly. */
const PIECE_BYTES = 1024 * 1024;

/** What a segment begins with. */
export function originFrames(segment: Segment, envelope: SpoolEnvelope): ByteWriter {
  const out = new ByteWriter(4_096);
  writeTwice(out, segment, FRAME_KIND.origin, 0, encodeOrigin(envelope.contentType, envelope.frame()));
  return out;
}

/**
 * Puts frames of what is not written into `out`, which is emptied first; `undefined` when there is nothing, or no room.
 *
 * @param room bytes that the spool may still grow, and bytes after which no further batch is begun in this segment
 */
export function collectPiece(
  unwritten: readonly Tracked[],
  segment: Segment,
  envelope: SpoolEnvelope,
  room: { readonly spoolBytes: number; readonly segmentBytes: number },
  out: ByteWriter,
): Piece | undefined {
  out.length = 0;
  const piece: Piece = { segment, parts: [], scopes: [] };
  for (const tracked of unwritten) {
    const { batch } = tracked;
    const from = Math.max(tracked.written, tracked.prefix);
    if (from >= batch.count) continue;
    if (piece.parts.length > 0 && out.length >= room.segmentBytes) break;
    let offset = out.length;
    let to = from;
    for (; to < batch.count && out.length < PIECE_BYTES; to++) {
      const length = FRAME_HEADER_BYTES + batch.end(to) - batch.start(to);
      if (out.length + length > room.spoolBytes) break;
      const scopeId = batch.scopeId(to);
      if (!segment.scopes.has(scopeId) && !piece.scopes.includes(scopeId)) {
        writeTwice(out, segment, FRAME_KIND.scope, scopeId, encodeWrap(envelope.scopeFrame(scopeId)));
        piece.scopes.push(scopeId);
      }
      if (to === from) offset = out.length;
      const header = { kind: FRAME_KIND.record, severity: batch.severity(to), id: batch.firstId + to, scopeId };
      writeFrame(out, segment.name.salt, header, batch.bytes, batch.start(to), batch.end(to));
    }
    if (to > from) piece.parts.push({ tracked, from, to, offset: segment.size + offset });
    if (to < batch.count) break;
  }
  return piece.parts.length > 0 ? piece : undefined;
}

/** A definition stands there twice, so that no single damage takes it away. */
function writeTwice(out: ByteWriter, { name }: Segment, kind: 1 | 2, scopeId: number, payload: Buffer): void {
  const header = { kind, severity: 0, id: 0, scopeId };
  for (let i = 0; i < 2; i++) writeFrame(out, name.salt, header, payload, 0, payload.length);
}
