import type { Outcome } from '../core/transport.ts';
import { DELIVERED } from '../core/transport.ts';
import { readPartialSuccess, readStatusMessage } from './response-body.ts';

/** What came back over HTTP, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly retryAfter: string | undefined;
  /** The Date header: what the other side's clock says. */
  readonly date?: string | undefined;
  readonly location: string | undefined;
  /** Decompressed; empty when there was none. `undefined` when it was larger than may be read. */
  readonly body: Buffer | undefined;
  /** The request had left before the answer came, so that its memory can be used again. */
  readonly requestSent: boolean;
}

/** The answers after which OTLP allows another attempt (OTLP specification, "Retryable Response Codes"). */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** A server that asks for less gets our own backoff: `Retry-After: 0` is no invitation to a tight loop. */
const RETRY_AFTER_FLOOR_MS = 1_000;
/** A server that asks for more (a typo, a hostile proxy, a wrong clock) is asked again after this. */
const RETRY_AFTER_CAP_MS = 5 * 60_000;

/** What the person who reads the one notice can do about it. */
const FIXES: Readonly<Record<number, string>> = {
  401: 'Check the credentials in OTEL_EXPORTER_OTLP_HEADERS (or the headers option).',
  403: 'Check the credentials in OTEL_EXPORTER_OTLP_HEADERS (or the headers option): they may not write logs here.',
  404: 'Check the endpoint: OTLP/HTTP logs are taken at /v1/logs, usually on port 4318.',
  405: 'Check the endpoint: OTLP/HTTP logs are taken at /v1/logs, usually on port 4318.',
  415: 'The other side does not take this encoding: check OTEL_EXPORTER_OTLP_PROTOCOL and the compression.',
};

/**
 * Decides by the OTLP rules what an answer means for the batch.
 *
 * @param nowMs wall clock, for a Retry-After that is a date in an answer that does not say what time it is there
 */
export function outcomeOf(answer: HttpAnswer, nowMs: number): Outcome {
  const { status, body, contentType } = answer;
  if (status >= 200 && status < 300) {
    // The specification calls an answer past the limit not retryable; nothing says that the records were taken.
    if (body === undefined) {
      return { kind: 'refused', reason: 'response_too_large', message: 'the answer was larger than 4 MiB' };
    }
    const partial = body.length === 0 ? undefined : readPartialSuccess(body, contentType);
    return partial === undefined ? DELIVERED : { kind: 'delivered', ...partial };
  }
  const message = describe(answer);
  if (RETRYABLE.has(status)) {
    // By the clock that made the date: ours may be wrong by a day.
    const sentMs = parseHttpDate(answer.date ?? '');
    const retryAfterMs = parseRetryAfter(answer.retryAfter, Number.isNaN(sentMs) ? nowMs : sentMs);
    return { kind: 'retry', reason: `http_${status}`, retryAfterMs, message };
  }
  if (status === 413) return { kind: 'too_large', message };
  return { kind: 'refused', reason: `http_${status}`, message };
}

/**
 * How long the server wants to be left alone, in ms; `undefined` when it did not say, said nonsense, or asked for less
 * than the floor, so that the caller's own backoff counts (RFC 9110, 10.2.3: seconds or an HTTP date).
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : parseHttpDate(text) - nowMs;
  return waitMs >= RETRY_AFTER_FLOOR_MS ? Math.min(waitMs, RETRY_AFTER_CAP_MS) : undefined;
}

/** An HTTP date in ms since 1970, in any of its three forms (RFC 9110, 5.6.7); NaN for anything else. */
function parseHttpDate(text: string): number {
  // Date.parse takes far more than these ("-1" is a year to it), hence the look at the first letters.
  if (!/^[A-Z][a-z]{2}/.test(text)) return NaN;
  // The oldest form names no zone and means GMT; Date.parse would take it for local time.
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
}

function describe({ status, body, contentType, location }: HttpAnswer): string {
  const said = body === undefined ? '' : readStatusMessage(body, contentType);
  const fix =
    status >= 300 && status < 400
      ? `Redirects are not followed${location === undefined ? '' : ` (to ${withoutSecrets(location)})`}: set the final endpoint.`
      : (FIXES[status] ?? '');
  return [`HTTP ${status}${said === '' ? '' : `: ${said}`}.`, fix].filter((part) => part !== '').join(' ');
}

/** A URL as it may be shown: without credentials, query and control characters, which may all hold secrets. */
export function withoutSecrets(url: string): string {
  return url
    .replace(/\/\/[^/@]*@/, '//')
    .replace(/[?#].*$/s, '')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .slice(0, 300);
}
