/** A growing byte buffer. Encoders write at `length` and move it on; `bytes` and `view` change when it grows. */
export class ByteWriter {
  bytes: Buffer;
  /** The same bytes: V8 writes four or eight of them at once through it, as one instruction. */
  view: DataView;
  length = 0;

  /** @param start the first buffer, or its size in bytes */
  constructor(start: Buffer | number = 4_096) {
    this.bytes = typeof start === 'number' ? Buffer.allocUnsafeSlow(start) : start;
    this.view = viewOf(this.bytes);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed > this.bytes.length) this.#grow(needed);
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
    this.view = viewOf(grown);
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
