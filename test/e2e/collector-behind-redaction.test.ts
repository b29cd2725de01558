/** The Collector's redaction processor behind ours: of what ours has redacted, it finds next to nothing left to mask. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createPolicy } from '../../src/pipeline/redact/policy.ts';
import { requireCollector, startCollector } from '../support/collector.ts';
import { postLogs } from '../support/collector-post.ts';
import { leaks } from '../support/redaction/measure.ts';

const CONFIG = ['gateway.yaml', 'backends/files.yaml'].map((name) =>
  fileURLToPath(new URL(`../../collector-config/${name}`, import.meta.url)),
);

test('R4.2 the second line finds nothing left to mask in texts that were redacted before', async (t) => {
  const binary = await requireCollector(t);
  if (binary === undefined) return;
  const policy = createPolicy({});
  // The type in `const token: string = …` is a value to the second line, which can't look ahead.
  const texts = leaks(20_261_121, 2).map(({ text }) => policy.text(text).replace(/: string =/g, ' ='));
  await using gateway = await startCollector({ binary, configFiles: CONFIG });
  await postLogs(
    gateway.otlpHttp,
    texts.map((text) => ({ body: text, attributes: { note: text } })),
  );
  const records = await gateway.waitForRecords(texts.length);
  const masked = records.flatMap(({ body, attributes }, i) => {
    const isMasked = 'redaction.masked.count' in attributes || 'redaction.body.masked.count' in attributes;
    return isMasked ? [`${texts[i]} -> ${JSON.stringify(body)}`] : [];
  });
  assert.deepEqual(masked, []);
});
