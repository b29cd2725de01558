import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Counts } from '../../src/core/ledger.ts';
import { eventNames, startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedAnswer, ScriptedServer } from '../support/scripted-server.ts';
import { makeCertificates } from '../support/certificates.ts';

const APP = new URL('fixtures/ending-app.ts', import.meta.url).pathname;

interface Ending {
  readonly code: number | null;
  readonly stderr: string;
  readonly counts: Counts & { readonly tookMs: number; readonly said: string[] };
}

async function run(way: string, url: string, records: number, env: NodeJS.ProcessEnv = {}, ca = ''): Promise<Ending> {
  const child = spawn(process.execPath, [APP, way, url, String(records), ca], {
    env: { ...process.env, NODE_V8_COVERAGE: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  assert.ok(stdout.startsWith('{'), `no last words; stderr: ${stderr}`);
  return { code, stderr, counts: JSON.parse(stdout) as Ending['counts'] };
}

async function server(t: TestContext, ...answers: readonly ScriptedAnswer[]): Promise<ScriptedServer> {
  const started = await startScriptedServer({ answers });
  t.after(() => started.close());
  return started;
}

function receivedBy({ requests }: ScriptedServer): number {
  return requests.reduce((sum, request) => sum + eventNames(request).length, 0);
}

describe('a process that ends', () => {
  const ways: readonly (readonly [way: string, code: number, how: string])[] = [
    ['return', 0, 'by running out of things to do'],
    ['exit', 3, 'by process.exit'],
    ['uncaught', 1, 'by an uncaught error'],
    ['gzip', 3, 'by process.exit, with compression'],
    ['worker', 5, 'by process.exit in a worker thread'],
  ];
  for (const [way, code, how] of ways) {
    test(`R8.4 ${how} loses nothing and keeps its exit code`, async (t) => {
      const collector = await server(t);
      const ending = await run(way, collector.url, 2_000);
      assert.equal(ending.code, code, ending.stderr);
      assert.equal(receivedBy(collector), 2_000);
      assert.equal(ending.counts.delivered, 2_000);
      if (way === 'uncaught') assert.match(ending.stderr, /Error: the application failed/);
      else assert.equal(ending.stderr, '');
    });
  }

  test('R8.4 gets five megabytes out', async (t) => {
    const collector = await server(t);
    const { counts } = await run('exit', collector.url, 20_000);
    assert.equal(receivedBy(collector), 20_000);
    assert.equal(counts.delivered, 20_000);
    const bytes = collector.requests.reduce((sum, { raw }) => sum + raw.length, 0);
    assert.ok(bytes > 5e6);
    t.diagnostic(
      `${(bytes / 1e6).toFixed(1)} MB in ${counts.tookMs.toFixed(0)} ms, ${collector.requests.length} requests`,
    );
  });

  test('R8.4 over TLS with an authority of its own loses nothing', async (t) => {
    const { ca, serverCert, serverKey } = makeCertificates();
    const secure = await startScriptedServer({ tls: { cert: serverCert, key: serverKey } });
    const dir = mkdtempSync(path.join(tmpdir(), 'spanlog-ca-'));
    t.after(async () => {
      rmSync(dir, { recursive: true, force: true });
      await secure.close();
    });
    writeFileSync(path.join(dir, 'ca.pem'), ca);
    const { counts } = await run('exit', secure.url, 100, {}, path.join(dir, 'ca.pem'));
    assert.equal(counts.delivered, 100);
  });

  test('R8.4 while a request hangs sends its batch again and counts it once', async (t) => {
    const collector = await server(t, { fault: 'hang' });
    const { code, counts } = await run('in-flight', collector.url, 100);
    assert.equal(code, 4);
    assert.equal(counts.delivered, 100);
    assert.equal(receivedBy(collector), 200);
  });

  test('R8.4 with nobody there is not held up, and counts what it lost', async () => {
    const gone = await startScriptedServer();
    await gone.close();
    const { code, counts } = await run('exit', gone.url, 100);
    assert.equal(code, 3);
    assert.deepEqual(counts.dropped, { exit: 100 });
    assert.ok(counts.tookMs < 1_500, `${counts.tookMs} ms`);
  });

  test('R8.4 with a server that hangs ends at the deadline, and counts what it lost', async (t) => {
    const collector = await server(t, { fault: 'hang' }, { fault: 'hang' }, { fault: 'hang' });
    const { code, counts } = await run('exit', collector.url, 2_000);
    assert.equal(code, 3);
    assert.ok(counts.tookMs >= 1_000 && counts.tookMs < 3_500, `${counts.tookMs} ms`);
    assert.equal((counts.dropped.exit ?? 0) + counts.delivered, 2_000);
  });

  test('R8.4 decides by the answers even then: rejected, refused, halved', async (t) => {
    const collector = await server(t, { status: 413 }, { status: 400 }, {}, { status: 503 });
    const { counts } = await run('exit', collector.url, 1_536);
    assert.deepEqual([counts.delivered, counts.dropped], [768, { http_400: 512, exit: 256 }]);
  });

  test('R8.4 does not load again in the sending thread what the application preloads', async (t) => {
    const dir = mkdtempSync(path.join(tmpdir(), 'spanlog-preload-'));
    t.after(() => rmSync(dir, { recursive: true, force: true }));
    const preload = path.join(dir, 'preload.mjs');
    writeFileSync(preload, `import { writeSync } from 'node:fs'; writeSync(2, 'preloaded;');`);
    const collector = await server(t);
    const { stderr, counts } = await run('exit', collector.url, 10, {
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${preload}`,
    });
    assert.equal(counts.delivered, 10);
    assert.equal(stderr, 'preloaded;');
  });
});

describe('an idle loop', () => {
  test('R8.4 is kept turning by a flush until it is done', async (t) => {
    const collector = await server(t, { delayMs: 300 });
    const { code, counts } = await run('flush', collector.url, 100);
    assert.equal(code, 0);
    assert.equal(counts.delivered, 100);
    assert.equal(receivedBy(collector), 100);
  });

  test('R8.4 is not kept turning by records that wait, nor by a kept connection', async (t) => {
    const collector = await server(t);
    const before = performance.now();
    for (const way of ['idle', 'flush']) await run(way, collector.url, 10);
    // The batch's delay is a minute.
    assert.ok(performance.now() - before < 30_000);
    assert.equal(receivedBy(collector), 20);
  });
});
