import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runMatrix } from './input-matrix.ts';
import { FORGED_NAMES, SPAN } from './input-names.ts';
import type { NamesReport } from './input-names.ts';
import { assertSameForm, runInput } from './input-run.ts';

test('R2.4 fault 38 __proto__ and constructor pollute nothing and are kept as data', async (t) => {
  // That no prototype of the language has changed holds for each table: see `input-matrix.ts`.
  const matrix = await runMatrix(t, 'names');
  const pollution = { polluted: 1n };
  const proto = (inner: object): object => Object.fromEntries([['__proto__', inner]]);
  const forms = {
    __proto__key: { ...proto(pollution), kept: 2n },
    'a prototype of a constructor': { constructor: { prototype: pollution }, kept: 2n },
    'names of methods': { prototype: 2n, toString: 3n, hasOwnProperty: 4n, valueOf: 5n, kept: 2n },
    'an object without prototype': { constructor: 1n, kept: 2n },
  };
  for (const [kind, form] of Object.entries(forms)) {
    assert.deepEqual(matrix.at(kind, 'a field').record.attributes.value, form, kind);
    for (const place of ['the fields', 'the fields of a child', 'the fields of a context'] as const) {
      const { attributes } = matrix.at(kind, place).record;
      const given = Object.entries(attributes).filter(([key]) => key !== 'case');
      assert.deepEqual(given, Object.entries(form), `${kind} as ${place}`);
    }
  }
});

test('R2.4 fault 38 level, time, body, trace_id, severity as field names never overwrite the record', async (t) => {
  const { records, lines, shown, report } = await runInput<NamesReport>(t, 'input-names');
  assert.deepEqual([records.length, lines.length, shown.length], [7, 7, 7]);
  for (const [i, record] of records.entries()) {
    const inSpan = i >= 5;
    const line = lines[i] ?? {};
    assert.deepEqual([record.body, record.eventName, record.severityNumber], ['event', 'event', 9]);
    assert.notEqual(record.severityText, 'forged');
    assert.equal(Buffer.from(record.traceId ?? []).toString('hex'), inSpan ? SPAN.traceId : '');
    assert.equal(Buffer.from(record.spanId ?? []).toString('hex'), inSpan ? SPAN.spanId : '');
    const times = inSpan ? [record.observedTimeUnixNano] : [record.timeUnixNano, record.observedTimeUnixNano];
    for (const time of times) {
      const ms = Number(time ?? 0n) / 1e6;
      assert.ok(ms >= report.startMs - 1_000 && ms <= report.endMs + 1_000, String(time));
    }
    for (const name of FORGED_NAMES) {
      assert.ok(Object.hasOwn(record.attributes, name), name);
      assert.equal(record.attributes[name], 'forged', name);
    }

    assertSameForm(record, line);
    const { level, service, logger, event, trace_id: traceId, span_id: spanId } = line;
    assert.deepEqual(
      { level, service, logger, event },
      { level: 'INFO', service: 'honest', logger: 'names', event: 'event' },
    );
    assert.deepEqual([traceId, spanId], inSpan ? [SPAN.traceId, SPAN.spanId] : ['-', '-']);
    assert.match(shown[i] ?? '', /^\S+Z \| INFO \| honest \| pid=\d+ \| req=- \| event \| /);
  }
});
