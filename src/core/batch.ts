/**
 * Encoded records side by side in one slab: a batch in the making, and later the batch itself.
 *
 * Record i is `bytes[ends[i-1] .. ends[i]]`. Scopes are kept by id, so that a request can be grouped by scope
 * without decoding anything.
 */
export class Batch {
  bytes: Buffer;
  length = 0;
  readonly ends: number[] = [];
  readonly scopeIds: number[] = [];
  readonly severities: number[] = [];

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get count(): number {
    return this.ends.length;
  }

  /** Where record `index` starts. */
  start(index: number): number {
    return index === 0 ? 0 : (this.ends[index - 1] as number);
  }

  append(source: Buffer, length: number, scopeId: number, severity: number): void {
    const end = this.length + length;
    if (end > this.bytes.length) this.#grow(end);
    source.copy(this.bytes, this.length, 0, length);
    this.length = end;
    this.ends.push(end);
    this.scopeIds.push(scopeId);
    this.severities.push(severity);
  }

  /** Records `from` up to `to` as a batch of their own, sharing the bytes; for servers that want smaller requests. */
  slice(from: number, to: number): Batch {
    const start = this.start(from);
    const part = new Batch(this.bytes.subarray(start, this.start(to)));
    part.length = part.bytes.length;
    for (let i = from; i < to; i++) {
      part.ends.push((this.ends[i] as number) - start);
      part.scopeIds.push(this.scopeIds[i] as number);
      part.severities.push(this.severities[i] as number);
    }
    return part;
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}
