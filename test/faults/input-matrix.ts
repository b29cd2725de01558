import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { inspect } from 'node:util';
import type { Arrived } from '../bridges/run-bridge.ts';
import { PLACES } from './input-places.ts';
import { assertSameForm, runInput } from './input-run.ts';
import type { InputRecord, InputReport, Line } from './input-run.ts';

/** What `apps/input-matrix.ts` reports. */
export interface MatrixReport extends InputReport {
  /** Of all cases, `<place> / <kind of value>`, in order. */
  readonly ids: readonly string[];
  readonly thrown: readonly string[];
  readonly slow: readonly string[];
  /** Whether a prototype of the language has gained or lost a key. */
  readonly polluted: boolean;
}

/** One case as it arrived at each destination. */
export interface Case {
  readonly record: InputRecord;
  readonly line: Line;
  readonly shown: string;
}

export interface Matrix {
  /** The case of that kind of value at that place. */
  at(kind: string, place: keyof typeof PLACES): Case;
  /** All cases at that place. */
  allAt(place: keyof typeof PLACES): readonly Case[];
}

/** On a line for people, outside of quotes. */
const SHOWN_CASE = / case="([^"\\]+)"/;

/**
 * Puts the values of a table into every place and asserts what must hold for each case: nothing is thrown, no call is
 * slow, the record and its siblings arrive at each destination once and in the same form, and no prototype changes.
 */
export async function runMatrix(t: TestContext, table: string): Promise<Matrix> {
  const { records, lines, shown, report } = await runInput<MatrixReport>(t, 'input-matrix', [table]);
  const { ids, thrown, slow, polluted } = report;
  assert.ok(ids.length >= Object.keys(PLACES).length, 'the table is empty');
  assert.deepEqual({ thrown, slow, polluted }, { thrown: [], slow: [], polluted: false });

  const recordById = once(records, ({ attributes }) => attributes.case, ids);
  const lineById = once(lines, (line) => line.case, ids);
  const shownById = once(shown, (block) => SHOWN_CASE.exec(block)?.[1], ids);
  const found = new Map<string, Case>();
  for (const id of ids) {
    const [record, line, block] = [recordById.get(id), lineById.get(id), shownById.get(id)];
    assert.ok(record !== undefined && line !== undefined && block !== undefined);
    assertSameForm(record, line);
    found.set(id, { record, line, shown: block });
  }
  for (const place of Object.keys(SIBLINGS)) {
    for (const id of ids.filter((one) => one.startsWith(`${place} / `))) {
      assertSiblings(place, id, found.get(id)?.record);
    }
  }
  t.diagnostic(`${ids.length} cases`);
  return {
    at(kind, place) {
      const one = found.get(`${place} / ${kind}`);
      assert.ok(one !== undefined, `there is no case ${place}: ${kind}`);
      return one;
    },
    allAt: (place) => [...found].filter(([id]) => id.startsWith(`${place} / `)).map(([, one]) => one),
  };
}

/** Asserts that each case is there exactly once. */
function once<T>(all: readonly T[], idOf: (one: T) => unknown, ids: readonly string[]): ReadonlyMap<string, T> {
  const byId = new Map<string, T>();
  for (const one of all) {
    const id = idOf(one);
    assert.ok(typeof id === 'string', `no case is named: ${inspect(one).slice(0, 500)}`);
    assert.ok(!byId.has(id), `${id} arrived twice`);
    byId.set(id, one);
  }
  assert.deepEqual([...byId.keys()].sort(), [...ids].sort());
  return byId;
}

/** Where `before: 1` and `after: 2` stand beside the value. */
const SIBLINGS: Readonly<Record<string, (attributes: InputRecord['attributes']) => Arrived | undefined>> = {
  'a field': (attributes) => attributes,
  'a field in a field': ({ outer }) => outer,
  'a Map value': ({ map }) => map,
};

function assertSiblings(place: string, id: string, record: InputRecord | undefined): void {
  const container = SIBLINGS[place]?.(record?.attributes ?? {}) as { before?: Arrived; after?: Arrived } | undefined;
  assert.deepEqual({ before: container?.before, after: container?.after }, { before: 1n, after: 2n }, id);
}
