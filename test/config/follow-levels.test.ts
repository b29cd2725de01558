import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { noticesOf, startChild } from '../support/child-process.ts';
import type { Child, Ended } from '../support/child-process.ts';

const APP = join(import.meta.dirname, 'apps', 'follows-levels.ts');

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'spanlog-levels-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function start(env: Record<string, string>, ...args: string[]): Child {
  return startChild({ args: [APP, ...args], env: { SPANLOG_FORMAT: 'json', ...env }, timeoutMs: 15_000 });
}

/** Ends it and returns what became of levels, with `tick` wherever DEBUG was logged. */
async function history(app: Child): Promise<{ readonly events: string[]; readonly end: Ended }> {
  app.kill('SIGTERM');
  const end = await app.ended;
  const events: string[] = [];
  for (const line of end.stdout.split('\n')) {
    if (!line.startsWith('{')) continue;
    const record = JSON.parse(line) as Record<string, unknown>;
    const text = line.includes('level_changed') ? changeOf(record) : 'tick';
    if (events.at(-1) !== text) events.push(text);
  }
  return { events, end };
}

function changeOf(record: Record<string, unknown>): string {
  assert.equal(record.logger, 'spanlog');
  const {
    prefix,
    from,
    to,
    by,
    for_ms: forMs,
  } = { ...record, ...(record.attributes as object | undefined) } as Record<string, string | number | undefined>;
  return [`${prefix}:`, from, 'to', to, 'by', by, ...(forMs === undefined ? [] : ['for', forMs])].join(' ');
}

test('R1.3 the levels of a configuration file are followed when it is replaced, by children made before as well', async (t) => {
  const path = join(folder(t), 'spanlog.json');
  writeFileSync(path, '{"level": "info"}');
  const app = start({ SPANLOG_CONFIG_FILE: path });
  await app.said('ready');
  writeFileSync(`${path}.new`, '{"levels": {"checkout": "debug"}}');
  renameSync(`${path}.new`, path);
  await app.said('"tick"');
  writeFileSync(path, '{"levels": {"checkout": "error"}}');
  await app.said('"error"');
  const { events, end } = await history(app);
  assert.deepEqual(events, ['checkout: info to debug by file', 'tick', 'checkout: debug to error by file']);
  assert.deepEqual(noticesOf(end), []);
});

test('R1.3 a ConfigMap of Kubernetes, whose link is turned, is followed', async (t) => {
  const root = folder(t);
  for (const [name, level] of [
    ['..one', 'info'],
    ['..two', 'debug'],
  ] as const) {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, 'spanlog.json'), JSON.stringify({ level }));
  }
  symlinkSync('..one', join(root, '..data'));
  symlinkSync(join('..data', 'spanlog.json'), join(root, 'spanlog.json'));
  const app = start({ SPANLOG_CONFIG_FILE: join(root, 'spanlog.json') });
  await app.said('ready');
  symlinkSync('..two', join(root, '..data_tmp'));
  renameSync(join(root, '..data_tmp'), join(root, '..data'));
  await app.said('"tick"');
  const { events } = await history(app);
  assert.deepEqual(events, [': info to debug by file', 'tick']);
});

test('R1.3 a file that another folder holds is followed through the link to it', async (t) => {
  const root = folder(t);
  mkdirSync(join(root, 'elsewhere'));
  const path = join(root, 'spanlog.json');
  symlinkSync(join('elsewhere', 'spanlog.json'), path);
  writeFileSync(path, '{}');
  const app = start({ SPANLOG_CONFIG_FILE: path });
  await app.said('ready');
  writeFileSync(join(root, 'elsewhere', 'spanlog.json'), '{"level": "debug"}');
  await app.said('"tick"');
  assert.deepEqual((await history(app)).events, [': info to debug by file', 'tick']);
});

test('R1.3 content that can’t be used is said once, and what was in force stays', async (t) => {
  const path = join(folder(t), 'spanlog.json');
  writeFileSync(path, '{"level": "debug"}');
  const app = start({ SPANLOG_CONFIG_FILE: path });
  await app.said('"tick"');
  writeFileSync(path, '{"level": "debug", ');
  // Longer than the second look takes. There is nothing else to wait for: nothing is said on stdout.
  await new Promise((resolve) => setTimeout(resolve, 800));
  writeFileSync(path, '{"level": "loud"}');
  await new Promise((resolve) => setTimeout(resolve, 800));
  rmSync(path);
  await new Promise((resolve) => setTimeout(resolve, 800));
  writeFileSync(path, '{"level": "warn"}');
  await app.said('"warn"');
  const { events, end } = await history(app);
  assert.deepEqual(events, ['tick', ': debug to warn by file']);
  const notices = noticesOf(end);
  assert.equal(notices.length, 3, end.stderr);
  assert.match(notices[0] ?? '', /SPANLOG_BAD_CONFIG_FILE: configFile is ".*spanlog\.json".*valid JSON.*Levels stay/);
  assert.match(notices[1] ?? '', /SPANLOG_BAD_LEVEL: level is "loud" \(from file .*spanlog\.json\)/);
  assert.match(notices[2] ?? '', /ENOENT/);
});

test('R1.3 what code or variables say stands above the file, also when it changes', async (t) => {
  const path = join(folder(t), 'spanlog.json');
  writeFileSync(path, '{}');
  const app = start({ SPANLOG_CONFIG_FILE: path, SPANLOG_LEVELS: 'checkout.payments=info' });
  await app.said('ready');
  writeFileSync(path, '{"level": "debug"}');
  await app.said('level_changed');
  assert.deepEqual((await history(app)).events, [': info to debug by file']);
});

test('R1.3 the watched file and the signal keep no process alive', async (t) => {
  const path = join(folder(t), 'spanlog.json');
  writeFileSync(path, '{}');
  const { code, stderr } = await start({ SPANLOG_CONFIG_FILE: path, SPANLOG_LEVEL_SIGNAL: 'SIGUSR2' }, 'idle').ended;
  assert.deepEqual([code, stderr], [0, '']);
});

test('R1.3 the signal sets DEBUG, and back when it comes again', async () => {
  const app = start({ SPANLOG_LEVEL_SIGNAL: 'sigusr2' });
  await app.said('ready');
  app.kill('SIGUSR2');
  await app.said('"tick"');
  app.kill('SIGUSR2');
  await app.said('"debug","to":"info"');
  const { events } = await history(app);
  assert.deepEqual(events, [': info to debug by signal', 'tick', ': debug to info by signal']);
});

test('R1.3 the signal sets DEBUG for the time that is given', async () => {
  const app = start({ SPANLOG_LEVEL_SIGNAL: 'SIGUSR2', SPANLOG_LEVEL_SIGNAL_FOR_MS: '200' });
  await app.said('ready');
  app.kill('SIGUSR2');
  await app.said('expiry');
  const { events } = await history(app);
  assert.deepEqual(events, [': info to debug by signal for 200', 'tick', ': debug to info by expiry']);
});

test('R1.3 a file that was named relative to the working directory is followed when that is another one', async (t) => {
  const root = folder(t);
  const path = join(root, 'spanlog.json');
  writeFileSync(path, '{}');
  const app = startChild({
    args: [APP, 'moves'],
    env: { SPANLOG_FORMAT: 'json', SPANLOG_CONFIG_FILE: 'spanlog.json' },
    cwd: root,
    timeoutMs: 15_000,
  });
  await app.said('ready');
  writeFileSync(path, '{"level": "debug"}');
  await app.said('"tick"');
  const { events, end } = await history(app);
  assert.deepEqual(events, [': info to debug by file', 'tick']);
  assert.deepEqual(noticesOf(end), []);
});
