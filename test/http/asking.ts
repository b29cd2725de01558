/** Asking a server, and what the conformance suite says of the answers. */
import assert from 'node:assert/strict';
import { isRequestId } from '../../src/http/request-id.ts';
import type { Framework, RunningServer } from './frameworks.ts';
import type { Logged } from './recorded.ts';

/** What a set of facts is about: one framework and its running shop. */
export interface Subject {
  readonly framework: Framework;
  readonly shop: () => RunningServer;
  /** A test whose name tells the requirement and the framework. */
  readonly fact: (id: string, text: string, run: () => Promise<void>) => void;
}

export interface Answer {
  readonly status: number;
  readonly id: string | null;
  readonly body: string;
  readonly headers: Headers;
}

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5_000) });
  const { status, headers } = response;
  return { status, headers, id: headers.get('x-request-id'), body: await response.text() };
}

/** Every record is of the one request with this id. */
export function assertAllOf(records: readonly Logged[], id: string | null): void {
  assert.ok(isRequestId(id));
  for (const record of records) assert.equal(record.fields.request_id, id, JSON.stringify(record));
}
