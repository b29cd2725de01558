import { randomBytes, randomUUID } from 'node:crypto';

/** Requests are made before anything is timed, and come round again after this many. */
const DISTINCT_REQUESTS = 1_024;

/** Requests as an instrumented caller sends them: with a `traceparent`, without a request id. */
export function makeRequests(): Buffer[] {
  return Array.from({ length: DISTINCT_REQUESTS }, () =>
    Buffer.from(
      [
        `GET /orders/${randomUUID()} HTTP/1.1`,
        'Host: shop.example',
        'Accept: application/json',
        'User-Agent: bench/1.0',
        `traceparent: 00-${hex(16)}-${hex(8)}-01`,
        '',
        '',
      ].join('\r\n'),
    ),
  );
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
