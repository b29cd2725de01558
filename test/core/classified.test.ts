import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isClassified, secret } from '../../src/core/classified.ts';

test('R4.3 asking whether a value is classified never throws, also not on a revoked proxy', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal(isClassified(proxy), false);
  assert.equal(isClassified(secret('x')), true);
});
