/**
 * Bounds for one record; every one of them is a setting. Of what a record has in all, one value near its root leaves a
 * sixteenth to those that follow.
 */
export interface ReadLimits {
  /** Levels of nesting; deeper maps and arrays become empty (OTel: AnyValue depth 64). */
  readonly depth: number;
  /** Entries read of one array, map or object; the rest is counted in its place. */
  readonly entries: number;
  /** Values read per record in all, so that a small graph of shared references can't unfold without end. */
  readonly nodes: number;
  /** UTF-16 units kept of one text, or bytes of one buffer, cut without a mark (OTel: AttributeValueLengthLimit). */
  readonly valueLength: number;
  /** UTF-16 units of text kept per record in all, and again of keys; a text that is cut for it states its size. */
  readonly recordText: number;
}

export const DEFAULT_READ_LIMITS: ReadLimits = Object.freeze({
  depth: 64,
  entries: 1_000,
  nodes: 10_000,
  valueLength: Infinity,
  recordText: 256 * 1024,
});
