import { cutAtWord } from '../core/detached-text.ts';

/**
 * The little that a client reads of an OTLP answer: the partial success of a 2xx, the message of a failure.
 *
 * Anything may answer on that port, so nothing here throws: what is not the expected message says nothing.
 */

export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/** The partial success in the body of a 2xx, or `undefined` when it has none: then all was accepted. */
export function readPartialSuccess(body: Buffer, contentType: string | undefined): PartialSuccess | undefined {
  if (isJson(body, contentType)) {
    const partial = member(parseJson(body), 'partialSuccess');
    const rejected = Number(member(partial, 'rejectedLogRecords') ?? 0);
    return partialSuccess(rejected, member(partial, 'errorMessage'));
  }
  if (!isProtobuf(contentType)) return undefined;
  const inner = bytesField(body, 1);
  return inner && partialSuccess(integerField(inner, 1) ?? 0, bytesField(inner, 2)?.toString());
}

/** The message of the google.rpc.Status that an OTLP failure carries; empty when there is none. */
export function readStatusMessage(body: Buffer, contentType: string | undefined): string {
  if (isJson(body, contentType)) return asMessage(member(parseJson(body), 'message'));
  // A proxy's plain text says more than nothing; its page of HTML does not.
  if (contentType?.includes('text/plain') === true) return asMessage(body.toString());
  if (!isProtobuf(contentType)) return '';
  return asMessage(bytesField(body, 2)?.toString());
}

function partialSuccess(rejected: number, text: unknown): PartialSuccess | undefined {
  const message = asMessage(text);
  const count = Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
  return count === 0 && message === '' ? undefined : { rejected: count, message };
}

const MAX_MESSAGE_CHARS = 300;

/** One bounded line: it goes to a terminal, and the other side chose it. */
function asMessage(text: unknown): string {
  if (typeof text !== 'string') return '';
  const line = cutAtWord(text, MAX_MESSAGE_CHARS).replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.trim();
}

function isJson(body: Buffer, contentType: string | undefined): boolean {
  return contentType?.includes('json') ?? body[0] === 0x7b;
}

/** Without a content type the body is taken for what OTLP answers by default. */
function isProtobuf(contentType: string | undefined): boolean {
  return contentType?.includes('protobuf') ?? true;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    // Not JSON after all; the status code alone decides.
    return undefined;
  }
}

function member(owner: unknown, name: string): unknown {
  return typeof owner === 'object' && owner !== null ? (owner as Record<string, unknown>)[name] : undefined;
}

function integerField(message: Buffer, number: number): number | undefined {
  const value = lastField(message, number);
  return typeof value === 'number' ? value : undefined;
}

function bytesField(message: Buffer, number: number): Buffer | undefined {
  const value = lastField(message, number);
  return typeof value === 'number' ? undefined : value;
}

/**
 * The field of this number at the top level of a protobuf message, the last one when it repeats; `undefined` when there
 * is none or the bytes are no message. It allocates nothing per field: a hostile body of 4 MiB holds two million.
 */
function lastField(message: Buffer, wanted: number): number | Buffer | undefined {
  let found: number | Buffer | undefined;
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = message[at++];
      if (byte === undefined) return NaN;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return NaN;
  };
  while (at < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const start = at;
    switch (tag % 8) {
      case 0: {
        const value = varint();
        if (number === wanted) found = value;
        break;
      }
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint();
        const content = at;
        at += length;
        if (number === wanted && at <= message.length) found = message.subarray(content, at);
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        return undefined;
    }
    // A broken varint is NaN and leaves no comparison true.
    if (number === 0 || !(at > start && at <= message.length)) return undefined;
  }
  return found;
}
