import assert from 'node:assert/strict';
import { validateHeaderValue } from 'node:http';
import { test } from 'node:test';
import fc from 'fast-check';
import { isRequestId, requestIdFrom } from '../../src/http/request-id.ts';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

test('R3.4 ids of proxies, load balancers and trace systems are ids', () => {
  const ids = [
    '0af7651916cd43dd8448eb211c80319c',
    '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    'Root=1-67891233-abcdef012345678912345678;Self'.split(';')[0],
    'iad::7xk2p-1700000000000-abc',
    'dGVzdA==',
    'a/b+c@d_e.f',
    'a'.repeat(128),
  ];
  for (const id of ids) {
    assert.equal(
      requestIdFrom(id, () => 'new'),
      id,
    );
  }
});

test('R3.4 what is no id, or too long, or several, is replaced', () => {
  const wrong = [
    '',
    ' ',
    'a b',
    'a, b',
    'a\r\nb',
    'a"b',
    '<a>',
    '%0d%0a',
    'é',
    '\u202e',
    'a'.repeat(129),
    undefined,
    null,
    7,
    ['a', 'b'],
    {},
  ];
  for (const header of wrong) {
    assert.equal(
      requestIdFrom(header, () => 'new'),
      'new',
    );
  }
});

test('R3.4 a made id that is none is replaced by a UUID', () => {
  for (const made of ['', 'a b', 7, undefined, { toString: () => 'x' }]) {
    assert.match(
      requestIdFrom(undefined, () => made),
      UUID,
    );
  }
});

test('R3.4 whatever the header holds, the id is one, fits in a header and in one line', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.anything()), (header) => {
      const id = requestIdFrom(header, () => undefined);
      assert.ok(isRequestId(id));
      assert.ok(id.length <= 128);
      validateHeaderValue('x-request-id', id);
      assert.doesNotMatch(id, /[\s\x00-\x20\x7f-\uffff"'<>`\\]/);
    }),
  );
});
