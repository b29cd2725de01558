import type { Level } from '../core/level.ts';
import { isClientGone } from './client-gone.ts';

/** How the serving of a request ended. */
export interface RequestOutcome {
  /**
   * `completed`: the response went out whole, and it is no 5xx. `failed`: it is a 5xx, or the server broke it off, or the
   * handler failed and nobody answered. `cancelled`: the client went away before it had the whole response.
   */
  readonly kind: 'completed' | 'failed' | 'cancelled';
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The pattern that matched, such as `/orders/:id`. */
  readonly route: string | undefined;
  /** What was sent. When no status was sent: 499 where the client went away, 500 where the server failed. */
  readonly status: number;
  readonly durationMs: number;
  /** Of the response's body, as the application wrote it. */
  readonly bytes: number | undefined;
  /** What the handler threw, rejected with, or passed on. */
  readonly error: unknown;
}

/** What an adapter knows at the end of a response. */
export interface Ending {
  /** True when the last byte was handed to the system. */
  readonly whole: boolean;
  /** True when it was the client that closed the connection; asked only when the response is not whole. */
  readonly byClient: boolean;
  /** Undefined when the head of the response was never sent. */
  readonly status: number | undefined;
  readonly bytes: number | undefined;
}

/** Nginx's code for a client that closed the request; never sent to anyone. */
const CLIENT_CLOSED = 499;
const NOT_ANSWERED = 500;

/** @param unanswered the handler failed and nothing was there to answer in its place */
export function judge(
  { whole, byClient, status }: Ending,
  error: unknown,
  unanswered: boolean,
): Pick<RequestOutcome, 'kind' | 'status'> {
  if (!whole && byClient && (error === undefined || isClientGone(error))) {
    return { kind: 'cancelled', status: status ?? CLIENT_CLOSED };
  }
  const known = status ?? NOT_ANSWERED;
  return { kind: !whole || unanswered || known >= 500 ? 'failed' : 'completed', status: known };
}

/** The names under which levels can be set. */
export const LEVEL_KEYS = ['1xx', '2xx', '3xx', '4xx', '5xx', 'failed', 'cancelled'] as const;

/** Levels by status class; `failed` is a failure whose status is no 5xx, since it had been sent already. */
export type RequestLevels = Partial<Record<(typeof LEVEL_KEYS)[number], Level>>;

/** Under which name the level of an outcome stands. */
export function levelKeyOf({ kind, status }: Pick<RequestOutcome, 'kind' | 'status'>): (typeof LEVEL_KEYS)[number] {
  if (kind === 'cancelled') return 'cancelled';
  if (kind === 'failed' && status < 500) return 'failed';
  return LEVEL_KEYS[Math.floor(status / 100) - 1] ?? '5xx';
}
