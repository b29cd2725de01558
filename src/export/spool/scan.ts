import { crc32 } from 'node:zlib';
import type { SpoolFiles } from './files.ts';
import { FRAME_HEADER_BYTES, FRAME_KIND, FRAME_MAGIC } from './frame.ts';
import type { FrameHeader, FrameKind } from './frame.ts';

/** Bytes between two intact frames, or behind the last, that are none. */
export interface Damage {
  /** How many. */
  readonly bytes: number;
  /** The first of them, up to the length of a frame's header. */
  readonly header: Buffer;
  /** All of them are 0: a file that was made longer than what was written to it. */
  readonly isBlank: boolean;
}

/** Bytes that are read at once, and the memory that is held unless one frame needs more. */
const CHUNK_BYTES = 256 * 1024;
/** The largest frame, unless the caller names one; no collector takes a larger request (OTLP specification: 64 MiB). */
const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;
const CREDIT_PER_BYTE = 8;

const MAGIC = Buffer.alloc(4);
MAGIC.writeUInt32LE(FRAME_MAGIC);
const ZEROS = Buffer.alloc(4_096);

/**
 * The intact frames of a segment, one after the other. `next` goes on within what is in memory; when it says `more`,
 * `prepare` brings more into memory. So the ordinary frame costs no turn of the event loop.
 *
 * Behind a damage every magic may begin a frame, and each says how long it is: with many false ones, checking the crc
 * of each would take quadratic time. So the crc of what turns out to be no frame is paid from a credit, which grows with
 * what has been passed: all such checks together take at most `64 MiB + 8 × the file` bytes. A frame for which the
 * credit does not suffice is lost too, which takes somebody who makes false ones, and ends with the next true frame or
 * two. A frame larger than a chunk is checked without holding it, so that a false length takes no memory.
 */
export class FrameScanner implements FrameHeader {
  /** Of the frame that was found last, as are all that follow. */
  kind: FrameKind = FRAME_KIND.record;
  severity = 0;
  id = 0;
  scopeId = 0;
  /** Where the payload is in `bytes`; valid until `next` or `prepare`. */
  start = 0;
  end = 0;
  /** In front of the frame, or of the end. */
  damage: Damage | undefined;
  readonly #files: SpoolFiles;
  readonly #fd: number;
  readonly #salt: number;
  readonly #maxPayloadBytes: number;
  #credit: number;
  #fileEnd: number;
  /** Where in the file the next frame may begin. */
  #at: number;
  /** The part of the file that is in memory: `#length` bytes from `#from` on. */
  #window: Buffer = Buffer.alloc(0);
  #from: number;
  #length = 0;
  /** How many bytes from `#at` on `next` needs in memory. */
  #wanted = 0;
  /** Whether a frame that is too large to be held for trial has a fitting crc. */
  #verdict: { readonly at: number; readonly fits: boolean } | undefined;
  #broken: { readonly at: number; readonly header: Buffer; isBlank: boolean } | undefined;

  /** @param from where in the file the first frame begins */
  constructor(
    file: { readonly files: SpoolFiles; readonly fd: number; readonly size: number; readonly salt: number },
    from: number,
    maxPayloadBytes: number = MAX_PAYLOAD_BYTES,
  ) {
    this.#files = file.files;
    this.#fd = file.fd;
    this.#salt = file.salt;
    this.#fileEnd = file.size;
    this.#at = from;
    this.#from = from;
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#credit = Math.max(maxPayloadBytes, MAX_PAYLOAD_BYTES) + FRAME_HEADER_BYTES;
  }

  get bytes(): Buffer {
    return this.#window;
  }

  /** Where in the file the frame found last ends. */
  get position(): number {
    return this.#at;
  }

  next(): 'frame' | 'more' | 'end' {
    this.damage = undefined;
    for (;;) {
      const left = this.#left;
      const offset = this.#at - this.#from;
      this.#wanted = Math.min(left, FRAME_HEADER_BYTES);
      if (offset + this.#wanted > this.#length) return 'more';
      if (left < FRAME_HEADER_BYTES) {
        if (left > 0) this.#pass(left);
        this.#closeDamage();
        return 'end';
      }
      const length = this.#claimedLength(offset, left);
      if (length > 0 && offset + length > this.#length && this.#isWorthReading(length)) {
        this.#wanted = length;
        return 'more';
      }
      if (length > 0 && offset + length <= this.#length && this.#fits(offset, length)) {
        this.#closeDamage();
        this.#found(offset, length);
        return 'frame';
      }
      const nextMagic = this.#window.subarray(0, this.#length).indexOf(MAGIC, offset + 1);
      // The first bytes of a magic may stand at the end of what is in memory.
      this.#pass((nextMagic === -1 ? Math.max(offset + 1, this.#length - MAGIC.length + 1) : nextMagic) - offset);
    }
  }

  /** Rejects when the file can't be read. */
  async prepare(): Promise<void> {
    if (this.#wanted > CHUNK_BYTES && this.#verdict?.at !== this.#at) await this.#judge(this.#wanted);
    else await this.#fill(this.#wanted);
  }

  get #left(): number {
    return Math.max(0, this.#fileEnd - this.#at);
  }

  /** The length of the frame that seems to begin here, or 0. */
  #claimedLength(offset: number, left: number): number {
    const bytes = this.#window;
    if (bytes.readUInt32LE(offset) !== FRAME_MAGIC) return 0;
    const kind = bytes[offset + 12] as number;
    if (kind < FRAME_KIND.origin || kind > FRAME_KIND.record) return 0;
    const payload = bytes.readUInt32LE(offset + 8);
    if (payload > this.#maxPayloadBytes || FRAME_HEADER_BYTES + payload > left) return 0;
    return FRAME_HEADER_BYTES + payload;
  }

  #isWorthReading(length: number): boolean {
    if (length > this.#credit) return false;
    return this.#verdict?.at !== this.#at || this.#verdict.fits;
  }

  #fits(offset: number, length: number): boolean {
    if (length > this.#credit) return false;
    const crc = crc32(this.#window.subarray(offset + 8, offset + length), this.#salt);
    if (crc === this.#window.readUInt32LE(offset + 4)) return true;
    this.#credit -= length;
    return false;
  }

  #found(offset: number, length: number): void {
    const bytes = this.#window;
    this.kind = bytes[offset + 12] as FrameKind;
    this.severity = bytes[offset + 13] as number;
    this.id = bytes.readUIntLE(offset + 14, 6);
    this.scopeId = bytes.readUInt32LE(offset + 20);
    this.start = offset + FRAME_HEADER_BYTES;
    this.end = offset + length;
    this.#at += length;
    this.#credit += length * CREDIT_PER_BYTE;
  }

  /** These bytes are no frame. */
  #pass(count: number): void {
    const offset = this.#at - this.#from;
    if (this.#broken === undefined) {
      const header = Buffer.from(this.#window.subarray(offset, Math.min(offset + FRAME_HEADER_BYTES, this.#length)));
      this.#broken = { at: this.#at, header, isBlank: true };
    }
    this.#broken.isBlank &&= isZero(this.#window.subarray(offset, offset + count));
    this.#at += count;
    this.#credit += count * CREDIT_PER_BYTE;
  }

  #closeDamage(): void {
    const broken = this.#broken;
    if (broken === undefined) return;
    this.damage = { bytes: this.#at - broken.at, header: broken.header, isBlank: broken.isBlank };
    this.#broken = undefined;
  }

  /** Checks the crc of a large frame chunk by chunk. */
  async #judge(length: number): Promise<void> {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let crc = this.#salt;
    for (let done = 8; done < length;) {
      const wanted = Math.min(chunk.length, length - done);
      const read = await this.#files.read(this.#fd, chunk, wanted, this.#at + done);
      if (read === 0) {
        this.#fileEnd = this.#at + done;
        return;
      }
      crc = crc32(chunk.subarray(0, read), crc);
      done += read;
    }
    const fits = crc === this.#window.readUInt32LE(this.#at - this.#from + 4);
    if (!fits) this.#credit -= length;
    this.#verdict = { at: this.#at, fits };
  }

  /** Brings `wanted` bytes from `#at` on into memory, and as many more as a chunk has. */
  async #fill(wanted: number): Promise<void> {
    const offset = this.#at - this.#from;
    const size = Math.max(wanted, Math.min(CHUNK_BYTES, this.#left));
    const isReusable = this.#window.length >= size && this.#window.length <= CHUNK_BYTES;
    const target = isReusable ? this.#window : Buffer.allocUnsafeSlow(size);
    this.#length = this.#window.copy(target, 0, offset, this.#length);
    this.#window = target;
    this.#from = this.#at;
    while (this.#length < wanted) {
      const into = target.subarray(this.#length);
      const read = await this.#files.read(this.#fd, into, into.length, this.#from + this.#length);
      // Shorter than it was said to be: somebody cut it off just now.
      if (read === 0) this.#fileEnd = this.#from + this.#length;
      if (read === 0) return;
      this.#length += read;
    }
  }
}

function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const part = bytes.subarray(at, at + ZEROS.length);
    if (!part.equals(ZEROS.subarray(0, part.length))) return false;
  }
  return true;
}
