import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ByteWriter } from '../../src/core/byte-writer.ts';
import { ValueMap } from '../../src/core/value.ts';
import { createJsonLineEncoder } from '../../src/encode/json-line.ts';
import { createCatalogue } from '../../src/logger/catalogue.ts';
import { defineEvents, mergeEvents } from '../../src/index.ts';
import type { EventDeclarations } from '../../src/index.ts';
import { createRecordingHub } from '../support/recording-hub.ts';
import { validatorOf } from '../support/json-schema.ts';

const events = defineEvents({
  payment_failed: {
    level: 'error',
    description: 'A payment was refused,\nor broke | stopped.',
    owner: 'payments',
    retention: 'long',
    audit: true,
    fields: {
      why: ['declined', 'timeout'],
      order_id: { type: 'string', description: 'The order that was to be paid.' },
      email: { type: 'string', class: 'pii', optional: true },
      tags: { type: 'string[]', optional: true },
    },
  },
  'cart.opened': { level: 'debug' },
});

/** What declarations that no compiler has seen are told. */
function complaintOf(declarations: unknown): string {
  try {
    defineEvents(declarations as EventDeclarations);
  } catch (error) {
    assert.ok(error instanceof TypeError);
    return error.message;
  }
  return assert.fail('it was accepted');
}

describe('defineEvents', () => {
  const wrong: Record<string, [declarations: unknown, complaint: RegExp]> = {
    'a name with a space': [{ 'payment failed': { level: 'info' } }, /"payment failed": an event is named by a letter/],
    'a name that is too long': [{ ['a'.repeat(65)]: { level: 'info' } }, /64 at most/],
    'no declaration': [{ a: 'info' }, /a: it must be an object/],
    'an unknown level': [{ a: { level: 'loud' } }, /a\.level: it must be one of trace/],
    'an unknown key': [{ a: { level: 'info', feilds: {} } }, /a\.feilds: there is no such key/],
    'an unknown type': [{ a: { level: 'info', fields: { b: 'str' } } }, /a\.fields\.b: its type must be one of string/],
    'a choice that repeats': [{ a: { level: 'info', fields: { b: ['x', 'x'] } } }, /a list of different words/],
    'a reserved name': [{ a: { level: 'info', fields: { trace_id: 'string' } } }, /the name is reserved/],
    'the name of an exception': [{ a: { level: 'info', fields: { 'exception.type': 'string' } } }, /is reserved/],
    'a class of nothing': [
      { a: { level: 'info', fields: { b: { type: 'string', class: '' } } } },
      /b\.class: it must be/,
    ],
    'a flag that is none': [{ a: { level: 'info', audit: 'yes' } }, /a\.audit: it must be true or false/],
    'an owner that is none': [{ a: { level: 'info', owner: 7 } }, /a\.owner: it must be a text/],
    'a list of events': [['a'], /it must be an object of declarations/],
    'fields that are a list': [{ a: { level: 'info', fields: ['b'] } }, /a\.fields: it must be an object/],
  };
  for (const [title, [declarations, complaint]] of Object.entries(wrong)) {
    test(`R12.1 ${title} is refused where it is declared, with its place`, () => {
      assert.match(complaintOf(declarations), complaint);
    });
  }

  test('R12.1 all that is wrong is said at once', () => {
    const complaint = complaintOf({ a: { level: 'loud', fields: { b: 'str', err: 'string' } }, 'b c': {} });
    assert.equal(complaint.split('\n').length, 1 + 5);
  });

  test('R12.1 what is no catalogue is refused as such', () => {
    assert.throws(() => mergeEvents(events, {} as never), /^TypeError: mergeEvents: give what defineEvents returned$/);
  });

  test('R12.1 one event that two catalogues declare is refused when they differ, and one event when they agree', () => {
    const same = defineEvents({ 'cart.opened': { level: 'debug', fields: {} } });
    const other = defineEvents({ 'cart.opened': { level: 'info' } });
    assert.deepEqual([...mergeEvents(events, same).declared.keys()], ['payment_failed', 'cart.opened']);
    assert.throws(() => mergeEvents(events, other), /mergeEvents: declared twice, and differently: cart\.opened/);
  });
});

describe('the page of a catalogue', () => {
  test('R12.1 tells each event with its level, owner, classes and fields, the same whatever order they came in', () => {
    const page = events.toMarkdown();
    assert.match(page, /^\| \[`cart\.opened`\]\(#cartopened\) \| debug \| – \| – \|$/m);
    assert.match(page, /^A payment was refused, or broke \\\| stopped\.$/m);
    assert.match(page, /^Level error\. Owner: payments\. Retention: `long`\. Goes to the audit stream\.$/m);
    assert.match(page, /^\| `email` \| `string`, optional \| pii \| – \|$/m);
    assert.match(page, /^\| `why` \| `"declined" \\\| "timeout"` \| – \| – \|$/m);
    const turned = mergeEvents(defineEvents({ 'cart.opened': { level: 'debug' } }), events);
    assert.equal(turned.toMarkdown(), page);
    assert.deepEqual(turned.toJsonSchema(), events.toJsonSchema());
  });
});

describe('the JSON Schema of a catalogue', () => {
  const validate = validatorOf(events.toJsonSchema());
  const good = { event: 'payment_failed', order_id: 'o-1', why: 'timeout', time: 'now', level: 'ERROR' };

  test('R12.1 is a schema of draft 2020-12 that takes records as they are declared', () => {
    assert.ok(validate(good), JSON.stringify(validate.errors));
    assert.ok(validate({ ...good, email: '[REDACTED:pii]', tags: ['a'] }));
    assert.ok(validate({ event: 'cart.opened', message: 'x' }));
  });

  test('R12.1 takes the JSON lines of what a typed logger has logged, and none that it would not let through', () => {
    const { hub, records } = createRecordingHub();
    const odd = createCatalogue(
      {
        moved: {
          level: 'warn',
          fields: {
            level: 'integer',
            at: 'timestamp',
            who: { type: 'string', class: 'pii' },
            mail: { type: 'string', class: 'pii', optional: true },
            parts: 'object',
            path: 'string[]',
            far: { type: 'number', optional: true },
          },
        },
      },
      (name) => hub.getLogger(name),
    );
    const log = odd.getLogger('lift');
    const given = { level: 3, at: new Date(), who: 'Erika', parts: { door: 1 }, path: ['a', 'b'] };
    log.emit('moved', given);
    log.emit('moved', { ...given, mail: undefined, far: undefined, path: [] }, new Error('stuck'));
    log.emit('moved', { ...given, level: 'third' } as never);
    const encoder = createJsonLineEncoder({ slot: 0, resource: ValueMap.from([['service.name', 'lift']]) });
    const schema = validatorOf(odd.toJsonSchema());
    const isValid = records.map((record) => {
      const out = new ByteWriter();
      encoder.encode(record, out);
      return schema(JSON.parse(out.bytes.toString('utf8', 0, out.length)));
    });
    assert.deepEqual(isValid, [true, true, false]);
  });

  test('R12.1 refuses an unknown event, a missing field and one of another type', () => {
    for (const bad of [
      { ...good, event: 'payment_faild' },
      { event: 'payment_failed', why: 'timeout' },
      { ...good, order_id: 7 },
      { ...good, why: 'tired' },
      { ...good, tags: [7] },
    ]) {
      assert.equal(validate(bad), false, JSON.stringify(bad));
    }
  });
});
