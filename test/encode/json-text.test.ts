import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from '../../src/core/record.ts';
import { ValueMap } from '../../src/core/value.ts';
import { appendText, jsonString, jsonValue, KeyTexts, visible } from '../../src/encode/json-text.ts';
import { ACTING, INJECTIONS } from './line-records.ts';

const anyUnits = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 0xa0 })), { maxLength: 60 })
  .map((units) => String.fromCharCode(...units));

describe('texts as JSON', () => {
  test('R2.4 every text reads back as it was, lone surrogates as U+FFFD', () => {
    fc.assert(
      fc.property(fc.oneof(anyUnits, fc.string({ unit: 'grapheme' })), (text) => {
        assert.equal(JSON.parse(jsonString(text)), text.toWellFormed());
      }),
      { numRuns: 1_000 },
    );
  });

  test('R4.6 nothing that acts on a terminal or breaks a line is left raw', () => {
    fc.assert(fc.property(anyUnits, (text) => assert.doesNotMatch(jsonString(text) + visible(text), ACTING)));
    for (const text of INJECTIONS) assert.doesNotMatch(jsonString(text) + visible(text), ACTING);
  });

  test('R2.4 a text that needs nothing is only put between quotes', () => {
    for (const text of ['', 'order', 'Zoë', '日本', 'a'.repeat(100)]) assert.equal(jsonString(text), `"${text}"`);
  });
});

describe('values as JSON', () => {
  test('R2.4 every value has one form', () => {
    const value = ValueMap.from([
      ['text', 'a"b'],
      ['integer', 9_007_199_254_740_991],
      ['bigint', 9_223_372_036_854_775_807n],
      ['double', 0.1],
      ['negative zero', -0],
      ['NaN', NaN],
      ['Infinity', Infinity],
      ['-Infinity', -Infinity],
      ['large', 1e21],
      ['null', null],
      ['boolean', false],
      ['bytes', Uint8Array.of(1, 2, 255)],
      ['list', [1, [], new ValueMap()]],
      ['__proto__', 'data'],
    ]);
    assert.equal(
      jsonValue(value),
      '{"text":"a\\"b","integer":9007199254740991,"bigint":9223372036854775807,"double":0.1,"negative zero":-0,' +
        '"NaN":"NaN","Infinity":"Infinity","-Infinity":"-Infinity","large":1e+21,"null":null,"boolean":false,' +
        '"bytes":"AQL/","list":[1,[],{}],"__proto__":"data"}',
    );
  });

  test('R2.4 a part of a larger buffer is only that part', () => {
    assert.equal(jsonValue(Uint8Array.of(1, 2, 3, 4).subarray(1, 3)), '"AgM="');
  });
});

describe('keys', () => {
  test('the text of a key is made once, and not kept without bound', () => {
    let made = 0;
    const keys = new KeyTexts((key) => {
      made++;
      return `<${key}>`;
    });
    assert.equal(keys.get('a') + keys.get('a'), '<a><a>');
    assert.equal(made, 1);
    for (let i = 0; i < 10_000; i++) keys.get(`key${i}`);
    made = 0;
    assert.equal(keys.get('key9999'), '<key9999>');
    assert.equal(made, 1);
  });
});

describe('writing', () => {
  test('text of any width arrives whole in a buffer that was too small', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), fc.nat(200), (text, room) => {
        const out = new ByteWriter(room);
        appendText(out, text);
        appendText(out, text);
        assert.equal(out.bytes.toString('utf8', 0, out.length), text + text);
      }),
    );
  });
});
