/** The files in `collector-config/`, as shipped, in the real Collector. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { requireCollector, startCollector } from '../support/collector.ts';
import { postLogs, postSpan } from '../support/collector-post.ts';

const run = promisify(execFile);
const config = (name: string): string => fileURLToPath(new URL(`../../collector-config/${name}`, import.meta.url));

const AGENT = config('agent.yaml');
const GATEWAY = config('gateway.yaml');
const FILES = config('backends/files.yaml');
const LOKI = config('backends/loki.yaml');
const TRACES = config('backends/traces.yaml');
const RETENTION = config('backends/retention.yaml');

const COMBINATIONS: Readonly<Record<string, readonly string[]>> = {
  agent: [AGENT],
  'gateway + files': [GATEWAY, FILES],
  'gateway + loki': [GATEWAY, LOKI],
  'gateway + files + traces': [GATEWAY, FILES, TRACES],
  'gateway + files + loki + traces + retention': [GATEWAY, FILES, LOKI, TRACES, RETENTION],
};

interface Config {
  receivers: { otlp: { protocols: Record<string, { endpoint: string }> } };
  processors: Record<string, unknown>;
  exporters: Record<string, { retry_on_failure?: Record<string, unknown>; sending_queue?: Record<string, unknown> }>;
  extensions: { health_check: { endpoint: string }; file_storage: Record<string, unknown> };
  service: { pipelines: Record<string, { processors?: string[] }> };
}

async function read(file: string): Promise<Config> {
  return parse(await readFile(file, 'utf8')) as Config;
}

describe('R9.1 collector-config, as written', () => {
  test('R9.1 agent and gateway listen on loopback unless told otherwise', async () => {
    for (const file of [AGENT, GATEWAY]) {
      const { receivers, extensions } = await read(file);
      const endpoints = [...Object.values(receivers.otlp.protocols), extensions.health_check];
      assert.equal(endpoints.length, 3);
      for (const { endpoint } of endpoints) assert.match(endpoint, /^\$\{env:\w+:-127\.0\.0\.1:\d+\}$/);
    }
  });

  test('R9.1 the memory limiter comes first wherever records come in, and redaction second', async () => {
    for (const file of [AGENT, GATEWAY]) {
      for (const [name, { processors }] of Object.entries((await read(file)).service.pipelines)) {
        assert.deepEqual(processors?.slice(0, 2), ['memory_limiter', 'redaction/second_line'], `${file} ${name}`);
      }
    }
  });

  test('R9.1 agent and gateway redact by the same rules', async () => {
    const [agent, gateway] = [await read(AGENT), await read(GATEWAY)];
    for (const name of ['redaction/second_line', 'transform/second_line_marks']) {
      assert.ok(agent.processors[name], name);
      assert.deepEqual(gateway.processors[name], agent.processors[name]);
    }
  });

  test('R9.1 whatever leaves over the network waits on disk, is batched there, and is retried without end', async () => {
    const exporters = [];
    for (const file of [AGENT, LOKI, TRACES]) exporters.push(...Object.entries((await read(file)).exporters));
    assert.equal(exporters.length, 3);
    for (const [name, { retry_on_failure, sending_queue }] of exporters) {
      assert.equal(retry_on_failure?.max_elapsed_time, '0s', name);
      assert.equal(sending_queue?.storage, 'file_storage', name);
      assert.ok(sending_queue.batch, name);
      // Logs wait for room; spans give way to them.
      if (!name.includes('traces')) assert.equal(sending_queue.block_on_overflow, true, name);
    }
  });
});

test('R9.1 the table in the README names every variable and its default', async () => {
  const readme = await readFile(config('README.md'), 'utf8');
  const table = readme.slice(readme.indexOf('## Settings'));
  for (const file of [AGENT, GATEWAY, FILES, LOKI, TRACES, RETENTION, config('loki.yaml')]) {
    const settings = [...(await readFile(file, 'utf8')).matchAll(/\$\{(?:env:)?(\w+):-([^}]*)\}/g)];
    assert.ok(settings.length > 0, file);
    for (const [, name, fallback] of settings) {
      const row = table.split('\n').find((line) => line.includes(`\`${name}\``));
      assert.ok(row?.includes(`\`${fallback}\``), `${name} with ${fallback}`);
    }
  }
});

describe('R9.1 collector-config, in the real Collector', () => {
  for (const [name, files] of Object.entries(COMBINATIONS)) {
    test(`R9.1 ${name} is valid on its defaults, and starts`, async (t) => {
      const binary = await requireCollector(t);
      if (binary === undefined) return;
      await run(binary, ['validate', ...files.map((file) => `--config=${file}`)]);
      await using collector = await startCollector({ binary, configFiles: files });
      assert.equal(await collector.isHealthy(), true);
    });
  }

  test('R9.1 a gateway without a backend is refused, rather than taking records that go nowhere', async (t) => {
    const binary = await requireCollector(t);
    if (binary === undefined) return;
    await assert.rejects(run(binary, ['validate', `--config=${GATEWAY}`]), /connector "forward" used as exporter/);
  });

  test('R9.1 a record goes from the application over agent and gateway to the file, without its secrets', async (t) => {
    const binary = await requireCollector(t);
    if (binary === undefined) return;
    await using gateway = await startCollector({ binary, configFiles: [GATEWAY, FILES] });
    await using agent = await startCollector({
      binary,
      configFiles: [AGENT],
      env: { OTELCOL_GATEWAY_ENDPOINT: new URL(gateway.otlpGrpc).host },
    });
    await postLogs(agent.otlpHttp, [
      {
        timeUnixNano: 1763712000123456789n,
        traceId: '5b8efff798038103d269b633813fc60c',
        spanId: 'eee19b7ec3c1b174',
        eventName: 'payment_failed',
        body: 'payment_failed',
        attributes: {
          order_id: 'o-1',
          amount: 12.5,
          attempts: 3,
          password: 'correct horse battery staple',
          note: 'card 4111 1111 1111 1111 was refused',
        },
      },
    ]);
    const [record] = await gateway.waitForRecords(1);
    assert.ok(record);
    assert.equal(record.eventName, 'payment_failed');
    assert.equal(record.body, 'payment_failed');
    assert.equal(record.traceId, '5b8efff798038103d269b633813fc60c');
    assert.equal(record.spanId, 'eee19b7ec3c1b174');
    assert.equal(record.timeUnixNano, 1763712000123456789n);
    assert.deepEqual(record.resource, { 'service.name': 'checkout' });
    assert.deepEqual(record.attributes, {
      order_id: 'o-1',
      amount: 12.5,
      attempts: 3,
      password: '****',
      note: 'card **** was refused',
      // Counted by the agent; the gateway finds nothing more to mask.
      'redaction.masked.count': 2,
    });
  });

  test('R9.1 what the agent has acknowledged outlives a kill -9 while the gateway is away', async (t) => {
    const binary = await requireCollector(t);
    if (binary === undefined) return;
    await using gateway = await startCollector({ binary, configFiles: [GATEWAY, FILES] });
    await using agent = await startCollector({
      binary,
      configFiles: [AGENT],
      env: { OTELCOL_GATEWAY_ENDPOINT: new URL(gateway.otlpGrpc).host },
    });
    await gateway.kill('SIGKILL');
    await postLogs(agent.otlpHttp, [{ eventName: 'order_placed' }, { eventName: 'order_paid' }]);
    await agent.kill('SIGKILL');

    await gateway.restart();
    assert.equal((await gateway.records()).length, 0);
    await agent.restart();
    const records = await gateway.waitForRecords(2);
    // At least once: twice is allowed, missing is not.
    assert.deepEqual(new Set(records.map((record) => record.eventName)), new Set(['order_placed', 'order_paid']));
  });

  test('R9.1 spans pass agent and gateway to the trace backend', async (t) => {
    const binary = await requireCollector(t);
    if (binary === undefined) return;
    await using backend = await startCollector({ binary, nop: true });
    await using gateway = await startCollector({
      binary,
      configFiles: [GATEWAY, FILES, TRACES],
      env: { OTELCOL_TRACES_ENDPOINT: new URL(backend.otlpGrpc).host },
    });
    await using agent = await startCollector({
      binary,
      configFiles: [AGENT],
      env: { OTELCOL_GATEWAY_ENDPOINT: new URL(gateway.otlpGrpc).host },
    });
    await postSpan(agent.otlpHttp, 'POST /orders');
    await backend.waitForMetric('otelcol_receiver_accepted_spans', 1);
  });
});
