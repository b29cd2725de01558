import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pii } from '../../src/core/classified.ts';
import type { Disclosure } from '../../src/core/disclosure.ts';
import { createPolicy } from '../../src/pipeline/redact/policy.ts';
import { createRedactor } from '../../src/processors.ts';
import { createRecordingHub } from '../support/recording-hub.ts';
import { assertAllDelivered, ledgerOf, runApp } from './app.ts';
import { startReceiving } from './receiving.ts';

const KEY = 'sixteen bytes or more';
/** As whoever searches the records for a person gets it. */
const BOB = createRedactor({ hashKey: KEY, hashKeyId: 'k1' }).hash('Bob@Example.com', 'pii');
const ALONE = { preloaded: false } as const;

type Fields = Record<string, unknown>;

describe('what each destination may see', () => {
  test('R4.3 a file in plain, a vendor in hashes, an archive in masks: one call, three forms', async (t) => {
    const [vendor, archive] = [await startReceiving(t), await startReceiving(t)];
    const env = { SPANLOG_REDACT_HASH_KEY: KEY };
    const end = await runApp('disclosure', [vendor.url, archive.url], { ...ALONE, env });
    assert.equal(end.stderr, '');
    assertAllDelivered(end, 15);

    const lines = end.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Fields);
    const order = lines.find(({ event }) => event === 'order_placed');
    assert.equal(order?.user, 'bob@example.com');
    assert.equal(order.key, '[REDACTED:secret]');
    assert.equal(order.tenant, 'acme');
    assert.deepEqual(order.address, { street: 'Main St 1', zip: 12345 });
    assert.equal(order.token, '[REDACTED:pii]');
    assert.equal(order.apiKey, '[REDACTED:api_key]');

    const [hashed, again] = vendor.records().filter(({ eventName }) => eventName === 'order_placed');
    assert.equal(hashed?.attributes.user, BOB);
    assert.ok(!('key' in hashed.attributes), 'a secret is left out');
    assert.deepEqual([hashed.droppedAttributes, again?.droppedAttributes], [1, 1]);
    assert.match(JSON.stringify(hashed.attributes.address), /"street":"\[REDACTED:pii-hmac\.k1\.[a-p]{32}\]"/);
    assert.deepEqual(hashed.attributes.address, again?.attributes.address);

    const masked = archive.records().find(({ eventName }) => eventName === 'order_placed');
    assert.deepEqual(
      [masked?.attributes.user, masked?.attributes.key, masked?.attributes.tenant, masked?.droppedAttributes],
      ['[REDACTED:pii]', '[REDACTED:secret]', '[REDACTED:pii]', 0],
    );
    // A text is the same for all, and shows no more than any of them may see.
    const template = lines.find(({ buyer }) => buyer !== undefined);
    assert.deepEqual([template?.message, template?.buyer], ['for [REDACTED:pii]', 'bob@example.com']);
    // What came before the settings were known was hidden by the defaults, and stays so.
    assert.doesNotMatch(end.stdout, /early@|canary/);
    const sent = JSON.stringify([vendor.records(), archive.records()], (_, value: unknown) =>
      typeof value === 'bigint' ? '' : value,
    );
    assert.doesNotMatch(sent, /early@|canary|bob@|acme|Main St/);
  });

  test('R4.3 what was bound where all may see it is hidden from the destinations of a later register', async (t) => {
    const [vendor, archive] = [await startReceiving(t), await startReceiving(t)];
    const folder = mkdtempSync(join(tmpdir(), 'disclosure-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'spanlog.json');
    writeFileSync(file, '{"console": {"classes": {"pii": "plain"}}}');
    const env = { SPANLOG_REDACT_HASH_KEY: KEY, SPANLOG_CONFIG_FILE: file };
    const end = await runApp('disclosure', [vendor.url, archive.url], { env });
    const lines = end.stdout.split('\n');
    const before = lines.find((line) => line.includes('before_register')) ?? '';
    assert.match(before, /"user":"early@example\.com","mail":"early@example\.com"/, 'the first destination may see it');
    const later = lines.find((line) => line.includes('after_register')) ?? '';
    assert.match(later, /"user":"\[REDACTED:pii\]"/);
    for (const receiving of [vendor, archive]) {
      const record = receiving.records().find(({ eventName }) => eventName === 'after_register');
      assert.equal(record?.attributes.user, '[REDACTED:pii]');
    }
    ledgerOf(end);
  });

  test('R4.3 a text shows what all destinations may see', () => {
    const shown = (classes: readonly Record<string, Disclosure>[]): unknown => {
      const views = classes.map((policy) => new Map(Object.entries(policy)));
      const { hub, records } = createRecordingHub({ policy: createPolicy({}, { views }) });
      hub.getLogger('app').info`for ${{ buyer: pii('bob') }}`;
      return records[0]?.body;
    };
    assert.equal(shown([{ pii: 'plain' }, { pii: 'plain', '*': 'drop' }]), 'for bob');
    assert.equal(shown([{ pii: 'plain' }, {}]), 'for [REDACTED:pii]');
  });

  test('R4.3 hashes without a key: said once, and masked', async (t) => {
    const [vendor, archive] = [await startReceiving(t), await startReceiving(t)];
    const end = await runApp('disclosure', [vendor.url, archive.url], ALONE);
    assert.match(end.stderr, /SPANLOG_BAD_HASH_KEY: redact\.hashKey .* classes of vendor asks for hashes/);
    assert.equal(
      vendor.records().find(({ eventName }) => eventName === 'order_placed')?.attributes.user,
      '[REDACTED:pii]',
    );
  });
});
