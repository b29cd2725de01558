/** A growing byte buffer. Encoders write at `length` and move it on; `bytes` changes when it grows. */
export class ByteWriter {
  bytes: Buffer;
  length = 0;

  constructor(initialBytes = 4_096) {
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}
