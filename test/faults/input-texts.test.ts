import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Arrived } from '../bridges/run-bridge.ts';
import { runMatrix } from './input-matrix.ts';

/** As it arrives over OTLP, where a bigint is an int64; and on a line of JSON, when that is not the same. */
const FORMS: Readonly<Record<string, readonly [otlp: Arrived, json?: unknown]>> = {
  undefined: [null],
  'the largest int64': [2n ** 63n - 1n, Number(2n ** 63n - 1n)],
  'the smallest int64': [-(2n ** 63n), Number(-(2n ** 63n))],
  'one past int64': ['9223372036854775808'],
  'a symbol': ['Symbol(mark)'],
  'a function': ['[Function: nested]'],
  'a function without a name': ['[Function: anonymous]'],
  'a class': ['[Function: Odd]'],
  NaN: [NaN, 'NaN'],
  Infinity: [Infinity, 'Infinity'],
  '-Infinity': [-Infinity, '-Infinity'],
  '-0': [-0, -0],
  'an invalid Date': ['Invalid Date'],
  'the largest number': [Number.MAX_VALUE, Number.MAX_VALUE],
  'the smallest number': [Number.MIN_VALUE, Number.MIN_VALUE],
};

test('R2.4 fault 36 BigInt, Symbol, function, NaN, the infinities, -0, an invalid Date: each has its one form', async (t) => {
  const matrix = await runMatrix(t, 'primitives');
  for (const [kind, [form, json = form]] of Object.entries(FORMS)) {
    for (const place of ['a field', 'attributes of a bridge'] as const) {
      const { record, line } = matrix.at(kind, place);
      assert.deepStrictEqual([record.attributes.value, line.value], [form, json], `${kind} as ${place}`);
    }
    assert.deepStrictEqual(matrix.at(kind, 'the body of an SDK record').record.body, form, kind);
  }
});

test('R2.4 fault 37 lone surrogates, NUL, texts and keys of a megabyte: valid UTF-8 at every destination', async (t) => {
  const matrix = await runMatrix(t, 'texts');
  const value = (kind: string): Arrived | undefined => matrix.at(kind, 'a field').record.attributes.value;
  assert.equal(value('a lone high surrogate'), 'a\ufffdb');
  assert.equal(value('a lone low surrogate'), '\ufffd');
  assert.equal(value('a surrogate at the end'), 'end\ufffd');
  assert.equal(value('NUL'), 'a\0b');
  assert.match(textOf(value('a megabyte')), /^x{200000,}…\[cut, 1048576 characters in all\]$/);
  // Never cut within a pair: what stands for a half came as one.
  assert.match(textOf(value('a megabyte of pairs and of halves')), /^(?:\u{1f600}\ufffd)+\u{1f600}?…\[cut/u);
  const [key, ...others] = Object.keys(value('a key of a megabyte') as object);
  assert.deepEqual([key, others], [`${'k'.repeat(1_024)}…`, []]);
  // They look alike in UTF-8, and none hides another.
  const alike = value('keys that differ in what no encoding holds') as object;
  assert.deepEqual(Object.values(alike), ['first', 'second', 'third']);
  assert.equal(matrix.at('a lone high surrogate', 'the event').record.body, 'a\ufffdb');
});

function textOf(value: Arrived | undefined): string {
  return typeof value === 'string' ? value : '';
}
