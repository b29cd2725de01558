import { randomUUID } from 'node:crypto';

/**
 * What an id from outside may be: the characters that ids of proxies, load balancers and trace systems consist of
 * (UUID, ULID, `Root=1-67891233-abcdef`, base64). No space, quote, bracket, control or non-ASCII character, so that it
 * can stand in a header, a log line and a URL without harm.
 */
const REQUEST_ID = /^[A-Za-z0-9._:/+=@-]{1,128}$/;

/** True for an id that may be logged, echoed and passed on as it is. */
export function isRequestId(value: unknown): value is string {
  return typeof value === 'string' && REQUEST_ID.test(value);
}

/**
 * The id of a request: the one it came with, when that is one; otherwise a new one. Node joins a header that was sent
 * more than once with a comma and a space, which no id has, so that two ids are none.
 */
export function requestIdFrom(header: unknown, create: () => unknown): string {
  if (isRequestId(header)) return header;
  const made = create();
  return isRequestId(made) ? made : randomUUID();
}
