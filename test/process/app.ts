import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Ledger } from '../../src/core/ledger.ts';
import { startChild } from '../support/child-process.ts';
import type { Child, ChildOptions, Ended } from '../support/child-process.ts';

const root = join(import.meta.dirname, '..', '..');

/** `node --import spanlog/register`, as it is from the source. */
export const REGISTER = ['--import', join(root, 'src', 'register.ts')] as const;

export interface AppOptions extends Omit<ChildOptions, 'args'> {
  /** Without, the application has to call `register` itself. */
  readonly preloaded?: boolean;
  readonly flags?: readonly string[];
}

/** Starts one of the applications beside this file. */
export function startApp(name: string, args: readonly string[], options: AppOptions = {}): Child {
  return startChild({ ...options, args: [...nodeArgs(name, options), ...args] });
}

export function runApp(name: string, args: readonly string[] = [], options: AppOptions = {}): Promise<Ended> {
  return startApp(name, args, options).ended;
}

/** What `node` is given to run that application. */
export function nodeArgs(name: string, { preloaded = true, flags = [] }: AppOptions = {}): string[] {
  return [...(preloaded ? REGISTER : []), ...flags, join(import.meta.dirname, 'apps', `${name}.ts`)];
}

/** The ledger that the application reported at its exit. It always has to add up. */
export function ledgerOf(end: Ended): Ledger {
  assert.notEqual(end.report, '', `no ledger was reported; stderr: ${end.stderr}`);
  const ledger = JSON.parse(end.report) as Ledger;
  assert.equal(ledger.balanced, true, end.report);
  return ledger;
}

/** Asserts that every record was delivered, and nothing else became of any. */
export function assertAllDelivered(end: Ended, count: number): void {
  const { emitted, delivered, pending, rejected, dropped } = ledgerOf(end);
  assert.deepEqual(
    { emitted, delivered, pending, rejected, dropped },
    { emitted: count, delivered: count, pending: 0, rejected: 0, dropped: {} },
  );
}
