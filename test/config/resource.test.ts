import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { findApplicationPackage } from '../../src/config/application-package.ts';
import type { Options } from '../../src/config/options.ts';
import { resolveSettings } from '../../src/config/resolve.ts';
import type { ProcessFacts } from '../../src/config/resource.ts';
import { detectResource, readProcessFacts } from '../../src/config/resource.ts';
import type { Value } from '../../src/core/value.ts';

const FACTS: ProcessFacts = {
  pid: 4711,
  hostName: 'host-1',
  executable: 'node',
  nodeVersion: '24.1.0',
  threadId: undefined,
  clusterWorkerId: undefined,
  application: () => ({ name: 'shop', version: '2.0.0' }),
  randomId: () => 'an-id',
};

function detect(
  options: Options,
  env: NodeJS.ProcessEnv = {},
  facts: Partial<ProcessFacts> = {},
): Record<string, Value> {
  const { settings } = resolveSettings(options, env, { isTty: false });
  const resource = detectResource(settings, { ...FACTS, ...facts }, '9.9.9');
  return Object.fromEntries(resource.keys.map((key, i) => [key, resource.values[i] ?? null]));
}

const SDK = {
  'telemetry.sdk.name': 'spanlog',
  'telemetry.sdk.language': 'nodejs',
  'telemetry.sdk.version': '9.9.9',
  'telemetry.distro.name': 'spanlog',
  'telemetry.distro.version': '9.9.9',
};

describe('R2.5 the resource', () => {
  test('R2.5 without any setting it says what can be found out', () => {
    assert.deepEqual(detect({}), {
      'service.name': 'shop',
      'service.version': '2.0.0',
      'service.instance.id': 'an-id',
      'host.name': 'host-1',
      'process.pid': 4711,
      'process.runtime.name': 'nodejs',
      'process.runtime.version': '24.1.0',
      ...SDK,
    });
  });

  test('R2.5 settings of the service become attributes of the semantic conventions', () => {
    const service = { name: 'a', version: 'b', environment: 'c', instanceId: 'd', region: 'e', worker: 3 };
    const found = detect({ service });
    assert.deepEqual(
      [
        'service.name',
        'service.version',
        'deployment.environment.name',
        'service.instance.id',
        'cloud.region',
        'worker.id',
      ].map((key) => found[key]),
      ['a', 'b', 'c', 'd', 'e', '3'],
    );
  });

  test('R2.5 without a package.json the name is what the specification wants', () => {
    assert.equal(detect({}, {}, { application: () => ({}) })['service.name'], 'unknown_service:node');
  });

  test('R2.5 a worker thread and a worker of a cluster are told apart', () => {
    const found = detect({}, {}, { threadId: 7, clusterWorkerId: 2 });
    assert.deepEqual([found['thread.id'], found['worker.id']], [7, '2']);
  });

  test('R2.5 OTEL_RESOURCE_ATTRIBUTES wins over what is detected, code over the variable', () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'host.name=by-env,service.namespace=shops,process.pid=1' };
    const found = detect({ resource: { 'process.pid': 2 } }, env);
    assert.deepEqual([found['host.name'], found['service.namespace'], found['process.pid']], ['by-env', 'shops', 2]);
  });

  test('R2.5 OTEL_NODE_RESOURCE_DETECTORS=none looks nothing up, and keeps what was said', () => {
    const application = (): never => assert.fail('package.json was read');
    const env = { OTEL_NODE_RESOURCE_DETECTORS: 'none', OTEL_RESOURCE_ATTRIBUTES: 'team=a', OTEL_SERVICE_NAME: 's' };
    assert.deepEqual(detect({}, env, { application }), { 'service.name': 's', ...SDK, team: 'a' });
  });

  test('R2.5 package.json is not read when name and version are given', () => {
    const application = (): never => assert.fail('package.json was read');
    detect({ service: { name: 'a', version: '1' } }, {}, { application });
  });

  test('R2.5 the facts of this very process are those', () => {
    const facts = readProcessFacts();
    assert.equal(facts.pid, process.pid);
    assert.equal(facts.hostName, hostname());
    assert.equal(facts.nodeVersion, process.versions.node);
    assert.equal(facts.threadId, undefined);
    assert.match(facts.randomId(), /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });

  test('R2.5 in a worker thread the facts have its id', async () => {
    const url = new URL('../../src/config/resource.ts', import.meta.url).href;
    const code = `import { readProcessFacts } from '${url}';
      import { parentPort, threadId } from 'node:worker_threads';
      parentPort.postMessage([readProcessFacts().threadId, threadId]);`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    const [fact, id] = await new Promise<readonly unknown[]>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
    });
    await worker.terminate();
    assert.equal(typeof id, 'number');
    assert.equal(fact, id);
  });
});

describe('R2.5 the application’s package.json', () => {
  const root = mkdtempSync(join(tmpdir(), 'spanlog-package-'));
  after(() => rmSync(root, { recursive: true }));
  const put = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put('app/package.json', '{"name":"app","version":"1.2.3"}');
  put('app/dist/package.json', '{"type":"commonjs"}');
  put('app/node_modules/next/package.json', '{"name":"next","version":"15.0.0"}');
  put('broken/app/package.json', '{"name":');
  put('broken/package.json', '{"name":"outer"}');
  const nowhere = (): string => assert.fail('the working directory was asked for');

  test('R2.5 is the nearest one with a name above the script', () => {
    assert.deepEqual(findApplicationPackage(join(root, 'app/dist/cjs/main.js'), nowhere), {
      name: 'app',
      version: '1.2.3',
    });
  });

  test('R2.5 is looked for from the working directory when a tool runs the application', () => {
    const script = join(root, 'app/node_modules/next/dist/bin/next');
    assert.equal(findApplicationPackage(script, () => join(root, 'app')).name, 'app');
  });

  test('R2.5 is passed over when it is malformed', () => {
    assert.deepEqual(findApplicationPackage(join(root, 'broken/app/main.js'), nowhere), { name: 'outer' });
  });

  test('R2.5 is missed without an error where the working directory is gone', () => {
    const script = join(root, 'app/node_modules/next/dist/bin/next');
    const gone = (): never => {
      throw new Error('ENOENT: uv_cwd');
    };
    assert.deepEqual(findApplicationPackage(script, gone), {});
  });
});
