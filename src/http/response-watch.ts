import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isClientGone } from './client-gone.ts';
import type { Ending } from './request-outcome.ts';
import type { ServedRequest } from './served-request.ts';

/**
 * Watches a response of node:http until its last byte, or until it can't have one.
 *
 * All five adapters end here: `finish` means that the last byte was handed to the system, `close` without it that the
 * connection has ended before. `write` and `end` are wrapped to count the bytes of the body, which nothing else tells
 * without their headers and chunk marks.
 */
export function watchResponse<Request>(
  served: ServedRequest<Request>,
  request: IncomingMessage,
  response: ServerResponse,
): () => Ending {
  const count = countBytes(request, response);
  const ending = (whole: boolean): Ending => {
    // A protocol switch leaves the response without a word: the socket had it all.
    const upgraded = isUpgrade(request) && !response.headersSent;
    const head = response.headersSent ? response.statusCode : undefined;
    return {
      whole: whole || upgraded,
      byClient: closedByClient(request, response),
      status: upgraded ? 101 : head,
      bytes: count(),
    };
  };
  const end = (whole: boolean): void => {
    if (!whole) {
      // A stream of HTTP/2 shows the reset by its client as an error of its own.
      const socket = wasReset(response) ? null : (request.socket as Socket | null);
      const reason = [response.errored, socket?.errored].find(isOwnFailure);
      if (reason !== undefined) served.fail(reason);
    }
    served.end(ending(whole));
  };
  served.bind(request);
  served.bind(response, (event) => {
    if (event === 'finish') end(!wasReset(response));
    else if (event === 'close') end(false);
  });
  if (response.socket === null) {
    endWithSocket(request.socket, response, () => {
      // Its head and body may be written, but have never left.
      served.end({ ...ending(false), status: undefined, bytes: 0 });
    });
  }
  return () => ending(false);
}

/** Bytes of the body so far. A body that is never sent, as with HEAD, 204 and 304, has none. */
function countBytes(request: IncomingMessage, response: ServerResponse): () => number {
  let bytes = 0;
  /** In HTTP/2 `end` calls `write`. */
  let inside = false;
  const counted = (name: 'write' | 'end'): void => {
    const original = response[name].bind(response) as (...args: unknown[]) => unknown;
    const counting = (...args: unknown[]): unknown => {
      // What comes after the end is never sent.
      if (inside || response.writableEnded) return original(...args);
      inside = true;
      try {
        const result = original(...args);
        bytes += sizeOf(args[0], args[1]);
        return result;
      } finally {
        inside = false;
      }
    };
    Object.defineProperty(response, name, { value: counting, configurable: true, writable: true, enumerable: false });
  };
  counted('write');
  counted('end');
  return () => {
    const empty = request.method === 'HEAD' || response.statusCode === 204 || response.statusCode === 304;
    return empty ? 0 : bytes;
  };
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as 'utf8') : 'utf8');
  }
  return ArrayBuffer.isView(chunk) ? chunk.byteLength : 0;
}

/** True when the parser has left the connection to a listener for `upgrade`. */
function isUpgrade(request: IncomingMessage): boolean {
  return 'upgrade' in request && request.upgrade === true;
}

/** An HTTP/2 response says `finish` of a stream that was reset, too. */
function wasReset(response: ServerResponse): boolean {
  const { stream } = response as { stream?: { readonly aborted?: boolean } };
  return stream?.aborted === true;
}

/**
 * Who closed the connection: a client that goes away ends its side or resets it, and the socket has seen that. A socket
 * that has seen nothing was closed here: by the application, by a timeout, by `closeAllConnections`.
 */
function closedByClient(request: IncomingMessage, response: ServerResponse): boolean {
  if (wasReset(response)) return true;
  if (isOwnFailure(response.errored)) return false;
  const socket = request.socket as Socket | null;
  if (socket === null) return true;
  return socket.errored ? isClientGone(socket.errored) : socket.readableEnded;
}

function isOwnFailure(error: Error | null | undefined): boolean {
  return error !== null && error !== undefined && !isClientGone(error);
}

/** By socket: what waits for responses before it. */
const queued = new WeakMap<Socket, Set<() => void>>();

/**
 * A response that waits for others on its connection (pipelining) hears nothing when that closes. One listener a socket,
 * however many wait, and none once the response's turn comes.
 */
function endWithSocket(socket: Socket, response: ServerResponse, end: () => void): void {
  let waiting = queued.get(socket);
  if (waiting === undefined) {
    const made = new Set<() => void>();
    queued.set(socket, made);
    socket.once('close', () => {
      for (const each of made) each();
    });
    waiting = made;
  }
  waiting.add(end);
  response.once('socket', () => waiting.delete(end));
}
