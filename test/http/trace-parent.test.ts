import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSpanContextValid } from '@opentelemetry/api';
import fc from 'fast-check';
import { readTraceParent } from '../../src/http/trace-parent.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

test('R3.1 a traceparent is a remote span with its flags; tracestate is kept', () => {
  const parent = readTraceParent(`00-${TRACE_ID}-${SPAN_ID}-01`, 'rojo=00f067aa0ba902b7, congo=t61rcWkgMzE');
  assert.deepEqual(
    [parent?.traceId, parent?.spanId, parent?.traceFlags, parent?.isRemote],
    [TRACE_ID, SPAN_ID, 1, true],
  );
  assert.equal(parent?.traceState?.serialize(), 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE');
  assert.equal(parent.traceState.get('congo'), 't61rcWkgMzE');
  assert.equal(parent.traceState.set('new', '1').serialize(), 'new=1,rojo=00f067aa0ba902b7,congo=t61rcWkgMzE');
  assert.equal(parent.traceState.unset('rojo').serialize(), 'congo=t61rcWkgMzE');
  assert.equal(readTraceParent(`00-${TRACE_ID}-${SPAN_ID}-00`)?.traceFlags, 0);
});

test('R3.1 a later version is read by the parts that are known, and a longer one is not guessed at', () => {
  assert.equal(readTraceParent(`cc-${TRACE_ID}-${SPAN_ID}-01-what-the-future-holds`)?.traceId, TRACE_ID);
  assert.equal(readTraceParent(`cc-${TRACE_ID}-${SPAN_ID}-01.what`), undefined);
});

test('R3.1 a wrong traceparent is none', () => {
  const wrong = [
    '',
    `00-${TRACE_ID}-${SPAN_ID}`,
    `00-${TRACE_ID}-${SPAN_ID}-01-`,
    `00-${TRACE_ID}-${SPAN_ID}-01-more`,
    `ff-${TRACE_ID}-${SPAN_ID}-01`,
    `00-${'0'.repeat(32)}-${SPAN_ID}-01`,
    `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
    `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`,
    `00-${TRACE_ID}-${SPAN_ID}-01, 00-${TRACE_ID}-${SPAN_ID}-01`,
    `00-${TRACE_ID}x-${SPAN_ID}-01`,
    `cc-${TRACE_ID}-${SPAN_ID}-01-${'x'.repeat(1_000)}`,
    undefined,
    7,
    [`00-${TRACE_ID}-${SPAN_ID}-01`],
  ];
  for (const header of wrong) assert.equal(readTraceParent(header), undefined, String(header));
});

test('R3.1 what is wrong in a tracestate is left out, and costs the trace nothing', () => {
  const header = `00-${TRACE_ID}-${SPAN_ID}-01`;
  const serialized = (state: unknown): string | undefined => readTraceParent(header, state)?.traceState?.serialize();
  assert.equal(serialized('ok=1,BAD=2,=3,no,tail='), 'ok=1');
  assert.equal(serialized('a=\r\nset-cookie: x'), '');
  assert.equal(serialized(`a=${'x'.repeat(600)}`), undefined);
  assert.equal(readTraceParent(header, 'x='.repeat(300))?.traceId, TRACE_ID);
});

test('R3.1 any text is read without harm, and what is read is valid', () => {
  const hex = (length: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdefF-')), minLength: length, maxLength: length });
  const near = fc.tuple(hex(2), hex(32), hex(16), hex(2)).map((parts) => parts.join('-'));
  fc.assert(
    fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), fc.string(), (header, state) => {
      const parent = readTraceParent(header, state);
      assert.ok(parent === undefined || isSpanContextValid(parent));
    }),
  );
});
