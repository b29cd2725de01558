import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const gunzipAsync = promisify(gunzip);

/** `aborted`: the client went away in the middle, and there is nobody to answer. */
export type RequestBody =
  | { readonly outcome: 'complete'; readonly bytes: Buffer }
  | { readonly outcome: 'tooLarge' | 'aborted' }
  | { readonly outcome: 'malformed'; readonly reason: string };

/**
 * Reads a request's body, and unzips it where `gzipped`. Neither the sent nor the unzipped bytes are held past
 * `maxBytes`: unzipping stops at the limit, however far a small body would unfold.
 */
export async function readBody(request: IncomingMessage, gzipped: boolean, maxBytes: number): Promise<RequestBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      // What is too large is still read to its end, without keeping it: a client that is cut off while it
      // writes sees a reset instead of the answer. The server's request timeout bounds this.
      if (size <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
    }
  } catch {
    // The stream fails for one reason only: the connection ended before the body did.
    return { outcome: 'aborted' };
  }
  if (size > maxBytes) return { outcome: 'tooLarge' };
  const sent = Buffer.concat(chunks, size);
  return gzipped ? unzip(sent, maxBytes) : { outcome: 'complete', bytes: sent };
}

/** Reads a body to its end without keeping it; false when the client went away in the middle. */
export async function discardBody(request: IncomingMessage): Promise<boolean> {
  try {
    await finished(request.resume());
    return true;
  } catch {
    return false;
  }
}

async function unzip(sent: Buffer, maxBytes: number): Promise<RequestBody> {
  try {
    return { outcome: 'complete', bytes: await gunzipAsync(sent, { maxOutputLength: maxBytes }) };
  } catch (error) {
    if (error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      return { outcome: 'tooLarge' };
    }
    return { outcome: 'malformed', reason: `malformed gzip: ${error instanceof Error ? error.message : 'unreadable'}` };
  }
}
