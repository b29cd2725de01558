import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NATIONAL_ID_KINDS } from '../../src/pipeline/redact/identifiers.ts';
import { REDACTION_KINDS } from '../../src/pipeline/redact/kinds.ts';
import { TOKEN_FORMATS } from '../../src/pipeline/redact/vendor-tokens.ts';
import type { Arrived } from '../bridges/run-bridge.ts';
import { ADVERSARIES } from './input-adversaries.ts';
import type { RedactionReport } from './input-adversaries.ts';
import type { InputReport } from './input-run.ts';
import { runInput } from './input-run.ts';

/** Ten times what a call may take, and a thousandth of what 100 kB take a rule that is quadratic. */
const SHORT_MS = 500;
const NOISE_MS = 100;

test('R4.5 fault 40 adversarial strings for each redaction rule: the time grows with their length', async (t) => {
  // Numbers are looked for alike, in families.
  const families = new Set([...TOKEN_FORMATS.map(({ kind }) => kind), ...NATIONAL_ID_KINDS]);
  const aimedAt = new Set(Object.keys(ADVERSARIES).map((name) => name.split(',')[0] ?? ''));
  for (const kind of REDACTION_KINDS) assert.ok(families.has(kind) || aimedAt.has(kind), `no text is aimed at ${kind}`);

  const { records, lines, shown, report } = await runInput<RedactionReport>(t, 'input-redaction');
  assert.deepEqual([records.length, lines.length, shown.length], [report.calls, report.calls, report.calls]);
  assert.deepEqual(Object.keys(report.times), Object.keys(ADVERSARIES));
  for (const [name, { short, long }] of Object.entries(report.times)) {
    assert.ok(short < SHORT_MS, `${name}: ${short} ms for 100 kB`);
    assert.ok(long < NOISE_MS || long < short * 3.5, `${name}: ${short} ms for 100 kB, ${long} ms for 200 kB`);
  }
});

test('R2.4 fault 40 changing an object after the call changes nothing', async (t) => {
  const { records, lines, shown } = await runInput<InputReport>(t, 'input-changes');
  const values = {
    object: { a: 1n, inner: { b: [1n, 2n] } },
    array: [1n, { c: 3n }],
    map: { k: 1n },
    set: [1n],
    bytes: Uint8Array.of(1, 2, 3),
    numbers: [1.5, 2.5],
    date: '1970-01-01T00:00:00.000Z',
  };
  assert.deepEqual([records.length, lines.length, shown.length], [6, 6, 6]);
  for (const [i, { body, attributes }] of records.entries()) {
    // Among the fields of a call an Error is the exception; bound, or from a bridge, it may be a field.
    const { error, 'exception.message': message = (error as { message?: Arrived } | undefined)?.message } = attributes;
    assert.equal(message, 'before', `record ${i}`);
    assert.deepEqual(pick(attributes, Object.keys(values)), values, `record ${i}`);
    assert.equal(body, 'event');
    assert.ok(!JSON.stringify(lines[i]).includes('spoilt') && !shown[i]?.includes('spoilt'), `record ${i}`);
  }
});

function pick(object: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
}
