import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runApp } from './app.ts';

test('R4.4 no secret that was logged, bound or hashed is a text in the heap after the call', async () => {
  const end = await runApp('heap', [], { preloaded: false, flags: ['--expose-gc'] });
  // The one that the application keeps shows that the search finds what is there.
  assert.equal(end.stdout, '0\n', end.stderr);
});
