import { isUtf8 } from 'node:buffer';
import { OtlpDecodeError } from './otlp-model.ts';

/** Wire types of protobuf encoding; 3 and 4 are groups, which proto3 does not have. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/**
 * Reads the fields of one protobuf message. Every read is checked against the message's end first, so that
 * a wrong length can neither allocate nor reach into the bytes that follow. Throws only OtlpDecodeError.
 *
 *     while (reader.next()) {
 *       if (reader.field === 1) name = reader.string();
 *       else reader.skip();
 *     }
 */
export class ProtobufReader {
  /** The number of the field that `next` stopped at. */
  field = 0;
  #wireType = 0;
  readonly #bytes: Buffer;
  readonly #end: number;
  #position: number;
  // The two halves of the last varint: a bigint for each length and tag would be most of the work.
  #low = 0;
  #high = 0;

  private constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  static over(bytes: Uint8Array): ProtobufReader {
    return new ProtobufReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.byteLength);
  }

  /** Moves to the next field; false at the end of the message. The field must then be read or skipped. */
  next(): boolean {
    if (this.#position === this.#end) return false;
    this.#varint();
    // A tag is a uint32: 29 bits of field number, three of wire type.
    if (this.#high !== 0) throw this.#malformed('a tag of more than 32 bits');
    this.field = this.#low >>> 3;
    this.#wireType = this.#low & 7;
    if (this.field === 0) throw this.#malformed('field number 0');
    return true;
  }

  uint32(): number {
    this.#expect(VARINT);
    this.#varint();
    return this.#low >>> 0;
  }

  int32(): number {
    this.#expect(VARINT);
    this.#varint();
    return this.#low | 0;
  }

  bool(): boolean {
    this.#expect(VARINT);
    this.#varint();
    return (this.#low | this.#high) !== 0;
  }

  /** A number while that is exact, else a bigint. */
  int64(): number | bigint {
    this.#expect(VARINT);
    this.#varint();
    const near = this.#high * 2 ** 32 + (this.#low >>> 0);
    if (Number.isSafeInteger(near)) return near;
    return BigInt.asIntN(64, (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0));
  }

  fixed32(): number {
    this.#expect(FIXED32);
    return this.#bytes.readUInt32LE(this.#advance(4));
  }

  fixed64(): bigint {
    this.#expect(FIXED64);
    return this.#bytes.readBigUInt64LE(this.#advance(8));
  }

  double(): number {
    this.#expect(FIXED64);
    return this.#bytes.readDoubleLE(this.#advance(8));
  }

  /** proto3 strings are UTF-8 or the message is malformed; a byte order mark is text and stays. */
  string(): string {
    const start = this.#delimited();
    const text = this.#bytes.toString('utf8', start, this.#position);
    // Only text in which something was replaced, or that really holds U+FFFD, needs the second look.
    if (text.includes('\uFFFD') && !isUtf8(this.#bytes.subarray(start, this.#position))) {
      throw this.#malformed('a string that is not UTF-8');
    }
    return text;
  }

  /** A copy, so that what is kept does not hold the whole request in memory. */
  bytes(): Uint8Array {
    const start = this.#delimited();
    return new Uint8Array(this.#bytes.subarray(start, this.#position));
  }

  hex(): string {
    const start = this.#delimited();
    return this.#bytes.toString('hex', start, this.#position);
  }

  message(): ProtobufReader {
    const start = this.#delimited();
    return new ProtobufReader(this.#bytes, start, this.#position);
  }

  /** Passes over a field that this reader's caller does not know. */
  skip(): void {
    if (this.#wireType === VARINT) this.#varint();
    else if (this.#wireType === FIXED64) this.#advance(8);
    else if (this.#wireType === LENGTH_DELIMITED) this.#delimited();
    else if (this.#wireType === FIXED32) this.#advance(4);
    else throw this.#malformed(`wire type ${this.#wireType} in field ${this.field}`);
  }

  /** Moves past a length and its bytes; returns where they start. */
  #delimited(): number {
    this.#expect(LENGTH_DELIMITED);
    this.#varint();
    if (this.#high !== 0) throw this.#malformed('a length past the end of its message');
    return this.#advance(this.#low >>> 0);
  }

  /** Takes `length` bytes; returns where they start. */
  #advance(length: number): number {
    const start = this.#position;
    if (length > this.#end - start) throw this.#malformed('a length past the end of its message');
    this.#position = start + length;
    return start;
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) {
      throw this.#malformed(`wire type ${this.#wireType} in field ${this.field}, where ${wireType} belongs`);
    }
  }

  #varint(): void {
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      const byte = this.#bytes.readUInt8(this.#advance(1));
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index > 4) high |= bits << (7 * index - 32);
      else {
        // The fifth group of seven bits lies across the two halves.
        low |= bits << 28;
        high |= bits >>> 4;
      }
      if (byte < 0x80) {
        if (index === 9 && byte > 1) break;
        this.#low = low;
        this.#high = high;
        return;
      }
    }
    throw this.#malformed('a varint of more than 64 bits');
  }

  #malformed(what: string): OtlpDecodeError {
    return new OtlpDecodeError(`malformed protobuf: ${what}, at byte ${this.#position}`);
  }
}
