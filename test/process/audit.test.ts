import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { brokenIn, eventsOf, linesOf, trailFolder, verify } from '../export/audit/audit-lane.ts';
import { ledgerOf, runApp } from './app.ts';
import { startReceiving } from './receiving.ts';

describe('audit records of a whole process', () => {
  test('R12.2 with sample.rate 0 and level error they are all in the file and in the collector, from threads too', async (t) => {
    const folder = trailFolder(t);
    const receiver = await startReceiving(t);
    const end = await runApp('audit', [folder], { preloaded: false, env: receiver.env });
    assert.deepEqual([end.code, end.stderr.replace(/.*writes a chain of its own.*\n/, '')], [0, '']);
    const [main, worker] = ['audit.jsonl', 'audit.2.jsonl'].map((name) => join(folder, name)) as [string, string];
    const thread = ['user_deleted', ...Array<string>(5).fill('user_deleted'), 'role_granted'];
    assert.deepEqual(eventsOf(main), [...thread, 'user_deleted']);
    assert.deepEqual(eventsOf(worker), thread);
    assert.deepEqual(brokenIn(verify([main, worker])), []);
    assert.ok(
      linesOf(main).every((line) => !line.includes('jo@example.com')),
      'a trail is redacted',
    );

    const records = receiver.records();
    const sent = records.filter(({ eventName }) => eventName !== 'spanlog.audit_anchor');
    assert.deepEqual(sent.map(({ eventName }) => eventName).sort(), [...eventsOf(main), ...eventsOf(worker)].sort());
    const { destinations } = ledgerOf(end);
    assert.deepEqual(
      [destinations.audit?.emitted, destinations.audit?.delivered, destinations.audit?.sampledOut],
      [8, 8, 0],
    );
    // Two of the main thread: the second knows of the last words.
    const anchors = records.filter(({ eventName }) => eventName === 'spanlog.audit_anchor');
    assert.deepEqual(anchors.map(({ attributes }) => attributes.file).sort(), [worker, main, main].sort());
    for (const { attributes } of anchors) {
      const file = String(attributes.file);
      assert.deepEqual(brokenIn(verify([file], { head: String(attributes.head), seq: Number(attributes.seq) })), []);
    }
  });

  test('R12.2 a shutdown tells where the chain ends, and what comes later is refused and counted', async (t) => {
    const folder = trailFolder(t);
    const receiver = await startReceiving(t);
    const end = await runApp('audit', [folder, 'shutdown'], { preloaded: false, env: receiver.env });
    const anchor = receiver
      .records()
      .filter(({ eventName, attributes }) => {
        return eventName === 'spanlog.audit_anchor' && attributes.file === join(folder, 'audit.jsonl');
      })
      .at(-1);
    const [file] = verify([join(folder, 'audit.jsonl')]).files;
    assert.deepEqual([anchor?.attributes.head, Number(anchor?.attributes.seq)], [file?.last?.head, file?.last?.seq]);
    assert.deepEqual(ledgerOf(end).destinations.audit?.dropped, { after_shutdown: 1 });
  });
});
