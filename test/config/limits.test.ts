import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Options } from '../../src/config/options.ts';
import type { Settings } from '../../src/config/resolved-settings.ts';
import { resolveSettings } from '../../src/config/resolve.ts';

function resolve(env: NodeJS.ProcessEnv, options?: Options): Settings {
  const { settings, problems } = resolveSettings(options, env, { isTty: false });
  assert.deepEqual(problems, []);
  return settings;
}

describe('R2.7 the defaults of all limits', () => {
  test('R2.7 without any setting', () => {
    assert.deepEqual(resolve({}).limits, {
      attributeCount: 128,
      valueLength: Infinity,
      depth: 64,
      entries: 1_000,
      nodes: 10_000,
      recordText: 262_144,
      queueBytes: 67_108_864,
      queueRecords: Infinity,
      batchRecords: 2_048,
      batchBytes: 1_048_576,
      batchDelayMs: 1_000,
      flushTimeoutMs: 30_000,
      exitTimeoutMs: 2_000,
      drainBytesPerSecond: 8_388_608,
    });
  });

  test('R2.7 each limit can be set in code', () => {
    const limits = Object.fromEntries(Object.keys(resolve({}).limits).map((name, i) => [name, i + 1]));
    // The batch must fit the queue, and draining has a floor.
    const fitting = { ...limits, queueBytes: 1_000, queueRecords: 1_000, drainBytesPerSecond: 65_537 };
    assert.deepEqual(resolve({}, { limits: fitting }).limits, fitting);
  });

  test('R2.7 a small queue makes batches small without a word', () => {
    const { limits } = resolve({}, { limits: { queueBytes: 10_000 } });
    assert.equal(limits.batchBytes, 10_000);
  });
});
