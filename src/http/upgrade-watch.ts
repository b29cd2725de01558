import type { Duplex } from 'node:stream';
import { isClientGone } from './client-gone.ts';
import type { Ending } from './request-outcome.ts';
import type { ServedRequest } from './served-request.ts';

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;
/** All of a status line that matters. */
const STATUS_LINE_BYTES = 12;

/**
 * Watches the socket of a request for another protocol. There is no response object: the status is read from the first
 * bytes that the listener writes, 101 where the protocol was switched. The request ends with its socket.
 *
 * @returns what could be said if the request ended now; undefined once the listener has answered
 */
export function watchUpgrade<Request>(served: ServedRequest<Request>, connection: object): () => Ending | undefined {
  const socket = connection as Duplex;
  let status: number | undefined;
  const watched = (name: 'write' | 'end'): void => {
    const original = socket[name].bind(socket) as (...args: unknown[]) => unknown;
    const watching = (...args: unknown[]): unknown => {
      status ??= statusOf(args[0]);
      // Once is enough: WebSockets write often.
      Reflect.deleteProperty(socket, 'write');
      Reflect.deleteProperty(socket, 'end');
      return original(...args);
    };
    Object.defineProperty(socket, name, { value: watching, configurable: true, writable: true, enumerable: false });
  };
  watched('write');
  watched('end');
  served.bind(socket);
  const ending = (): Ending => {
    const { errored } = socket;
    const byClient = errored === null ? socket.readableEnded : isClientGone(errored);
    return { whole: status !== undefined, byClient, status, bytes: undefined };
  };
  socket.once('close', () => {
    const { errored } = socket;
    if (errored !== null && !isClientGone(errored)) served.fail(errored);
    served.end(ending());
  });
  return () => (status === undefined ? ending() : undefined);
}

function statusOf(chunk: unknown): number | undefined {
  const text =
    typeof chunk === 'string'
      ? chunk
      : chunk instanceof Uint8Array
        ? Buffer.from(chunk.subarray(0, STATUS_LINE_BYTES)).toString('latin1')
        : '';
  const digits = STATUS_LINE.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
