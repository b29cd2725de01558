/** docker-compose.yml, as far as it can be held to its word without an engine. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { requireCollector } from '../support/collector.ts';
import { collectorVersion } from '../support/otelcol-binary.ts';
import { lokiVersion } from '../support/loki.ts';

const run = promisify(execFile);
const ROOT = new URL('../../', import.meta.url);
const inRoot = (name: string): string => fileURLToPath(new URL(name, ROOT));

interface Service {
  image?: string;
  build?: { context: string; dockerfile: string };
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  logging?: { driver: string; options: Record<string, string> };
}

async function services(): Promise<[name: string, service: Service][]> {
  const compose = parse(await readFile(inRoot('docker-compose.yml'), 'utf8'), { merge: true }) as {
    services: Record<string, Service>;
  };
  return Object.entries(compose.services);
}

async function service(name: string): Promise<Service> {
  const found = (await services()).find(([candidate]) => candidate === name)?.[1];
  assert.ok(found, name);
  return found;
}

/** A full version: nothing that moves, such as `latest`, `24` or `3.7`. */
const PINNED = /:v?\d+\.\d+\.\d+(-[\w.-]+)?$/;

test('R9.3 every service keeps a bounded log, says whether it is healthy, and has a pinned image', async () => {
  const all = await services();
  assert.deepEqual(all.map(([name]) => name).sort(), ['demo', 'grafana', 'jaeger', 'loki', 'otelcol', 'prepare']);
  for (const [name, { image, build, healthcheck, logging }] of all) {
    assert.equal(logging?.driver, 'json-file', name);
    assert.match(logging.options['max-size'] ?? '', /^\d+m$/, name);
    assert.match(logging.options['max-file'] ?? '', /^\d+$/, name);
    assert.equal(healthcheck?.test[0], 'CMD', name);
    const from = build && /^FROM (\S+)$/m.exec(await readFile(inRoot(build.dockerfile), 'utf8'))?.[1];
    assert.match(image ?? from ?? '', PINNED, name);
  }
});

test('R9.3 ports are published on loopback only', async () => {
  const published = (await services()).flatMap(([, { ports = [] }]) => ports);
  assert.ok(published.length > 0);
  for (const port of published) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/);
});

test('R9.3 a service starts when those it needs are healthy, or done', async () => {
  const all = await services();
  for (const [name, { depends_on = {} }] of all) {
    for (const [needed, { condition }] of Object.entries(depends_on)) {
      const once = needed === 'prepare';
      assert.equal(condition, once ? 'service_completed_successfully' : 'service_healthy', `${name} needs ${needed}`);
      assert.ok(
        all.some(([candidate]) => candidate === needed),
        needed,
      );
    }
  }
});

test('R9.3 the images are of the versions that the tests run', async () => {
  assert.equal((await service('otelcol')).image, `otel/opentelemetry-collector-contrib:${await collectorVersion()}`);
  assert.equal((await service('loki')).image, `grafana/loki:${await lokiVersion()}`);
});

test('R9.3 what is mounted exists', async () => {
  for (const [, { volumes = [] }] of await services()) {
    for (const volume of volumes.filter((entry) => entry.startsWith('.'))) {
      await access(inRoot(volume.split(':')[0] ?? ''));
    }
  }
});

test('R9.3 the Collector accepts its files with the environment that it gets there', async (t) => {
  const binary = await requireCollector(t);
  if (binary === undefined) return;
  const { command = [], environment = {} } = await service('otelcol');
  const local = command.map((flag) => flag.replace('/etc/otelcol/', inRoot('collector-config/')));
  assert.equal(local.length, 3);
  await run(binary, ['validate', ...local], { env: { ...process.env, ...environment } });
  // A variable that no file reads would be a typo, and a default in its place.
  const texts = await Promise.all(local.map((flag) => readFile(flag.replace('--config=', ''), 'utf8')));
  for (const name of Object.keys(environment).filter((variable) => variable.startsWith('OTELCOL_'))) {
    assert.ok(
      texts.some((text) => text.includes(`\${env:${name}:-`)),
      name,
    );
  }
});

test('R9.3 Grafana finds Loki and Jaeger, and leads from a line to its trace and back', async () => {
  const file = 'collector-config/grafana/provisioning/datasources/datasources.yaml';
  const { datasources } = parse(await readFile(inRoot(file), 'utf8')) as {
    datasources: { uid: string; url: string; jsonData: Record<string, unknown> }[];
  };
  const [loki, jaeger] = datasources;
  assert.equal(loki?.url, 'http://loki:3100');
  assert.equal(jaeger?.url, 'http://jaeger:16686');
  const [field] = loki.jsonData.derivedFields as Record<string, string>[];
  assert.deepEqual([field?.matcherType, field?.matcherRegex, field?.datasourceUid], ['label', 'trace_id', jaeger.uid]);
  assert.equal((jaeger.jsonData.tracesToLogsV2 as Record<string, string>).datasourceUid, loki.uid);
});

test('R9.3 docker-compose reads the file without complaint', async (t) => {
  for (const [command, ...prefix] of [['docker', 'compose'], ['docker-compose']] as const) {
    try {
      await run(command, [...prefix, 'version']);
    } catch {
      // Not installed: the other spelling may be.
      continue;
    }
    const { stderr } = await run(command, [...prefix, 'config', '--quiet'], { cwd: fileURLToPath(ROOT) });
    assert.equal(stderr, '');
    return;
  }
  t.skip('neither `docker compose` nor `docker-compose` is installed');
});
