import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseStat, systemIdentity, SYSTEM_CLOCK } from '../../../src/export/spool/identity.ts';
import { startChild } from '../../support/child-process.ts';

const LINUX = { skip: process.platform !== 'linux' && 'only Linux has /proc' };
const REST = 'S 22698 22698 19861 0 -1 4194304 101 0 0 0 0 0 0 0 20 0 1 0 1158788 3133440 393';

test('R8.6 a process is told by pid and start time, whatever its command is called', () => {
  for (const comm of ['node', 'a b', ') R 1 (', 'x) Z 2', '']) {
    assert.deepEqual(parseStat(`22710 (${comm}) ${REST}`), { pid: 22710, state: 'S', startTime: '1158788' }, comm);
  }
  for (const text of ['', '1', '1 (node)', `x (node) ${REST}`, '1 (node) S 1 2 3']) {
    assert.equal(parseStat(text), undefined, text);
  }
});

test('R8.6 a process knows itself to run, and that one of its pid and another start time is gone', LINUX, () => {
  const identity = systemIdentity();
  assert.equal(identity.pid, process.pid);
  assert.match(identity.bootId ?? '', /^[0-9a-f-]{36}$/);
  assert.match(identity.pidNamespace ?? '', /^pid:\[\d+\]$/);
  assert.equal(identity.isRunning(process.pid, identity.startTime), true);
  assert.equal(identity.isRunning(process.pid, '1'), false);
  assert.equal(identity.isRunning(process.pid, null), true);
});

test('R8.6 a killed process is gone at once, also while nobody reaps it', LINUX, async () => {
  const identity = systemIdentity();
  // The shell becomes a program that never asks for its children.
  const parent = startChild({ command: 'sh', args: ['-c', 'sleep 60 & echo "pid $!"; exec sleep 60'] });
  await parent.said('\n');
  parent.kill('SIGSTOP');
  const children = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8');
  const pid = Number(children.trim());
  const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  assert.equal(identity.isRunning(pid, stat?.startTime ?? ''), true);

  process.kill(pid, 'SIGKILL');
  while (parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.state !== 'Z') await new Promise(setImmediate);
  assert.equal(identity.isRunning(pid, stat?.startTime ?? ''), false);

  parent.kill('SIGKILL');
  await parent.ended;
  assert.equal(identity.isRunning(parent.pid, null), false);
});

test('R8.6 processes of one boot share a clock that does not jump', LINUX, async () => {
  const before = SYSTEM_CLOCK.bootMs();
  const child = startChild({
    args: ['-e', 'console.log(Number(process.hrtime.bigint() / 1_000_000n))'],
  });
  const there = Number((await child.ended).stdout);
  assert.ok(there >= before && there <= SYSTEM_CLOCK.bootMs(), `${before} ${there} ${SYSTEM_CLOCK.bootMs()}`);
});
