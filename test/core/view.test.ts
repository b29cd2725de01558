import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DROPPED, toPlain, ValueMap, Varied } from '../../src/core/value.ts';
import type { Value } from '../../src/core/value.ts';
import { liftVaried, shownIn, viewsOf } from '../../src/core/view.ts';
import type { View } from '../../src/core/view.ts';

const FIRST: View = { index: 0, drops: true };
const SECOND: View = { index: 1, drops: false };
const varied = (): Varied => new Varied([DROPPED, 'bob'], '[REDACTED:pii]');

describe('views', () => {
  test('R4.3 destinations with the same policy share a view, in whatever order its classes are named', () => {
    const one = new Map([
      ['pii', 'plain'],
      ['secret', 'drop'],
    ] as const);
    const views = viewsOf([new Map(), one]);
    assert.equal(views.policies.length, 2);
    assert.equal(views.of(new Map([...one].reverse())), views.of(one));
    assert.deepEqual(views.of(one), { index: 1, drops: true });
    assert.deepEqual(views.of(new Map()), { index: 0, drops: false });
  });

  test('R4.3 no destination at all is one view', () => {
    assert.equal(viewsOf([]).policies.length, 1);
  });

  test('R4.3 a container that holds a varied value becomes one, and each view sees it whole', () => {
    const inner = ValueMap.from([
      ['name', varied()],
      ['list', ['a', varied(), 'b']],
    ]);
    const lifted = liftVaried(ValueMap.from([['user', inner]]));
    const shown = (view: View): unknown => toPlain(shownIn(view, lifted) as Value);
    assert.equal(JSON.stringify(shown(FIRST)), '{"user":{"list":["a","b"]}}');
    assert.equal(JSON.stringify(shown(SECOND)), '{"user":{"name":"bob","list":["a","bob","b"]}}');
    assert.equal(
      JSON.stringify(toPlain(lifted)),
      '{"user":{"name":"[REDACTED:pii]","list":["a","[REDACTED:pii]","b"]}}',
    );
  });

  test('R4.3 what holds nothing varied is returned as it is', () => {
    const map = ValueMap.from([['bytes', Uint8Array.of(1)]]);
    assert.equal(liftVaried(map), map);
  });
});
