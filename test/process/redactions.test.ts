import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otlp } from '../../src/destinations.ts';
import { getLogger, pii, register, withContext } from '../../src/index.ts';
import { startScriptedServer } from '../support/scripted-server.ts';

test('R4.4 redactions() counts what was hidden by kind: before register, in the resource, in records, and what a rule failed on', async (t) => {
  const server = await startScriptedServer();
  t.after(() => server.close());
  const log = getLogger('app');
  // Each finding counts, also of one text.
  log.info('early', { note: 'a@b.io and c@d.io', password: 'hunter2' });

  const logging = register({
    destinations: [otlp({ endpoint: `http://127.0.0.1:${server.port}` })],
    resource: { 'db.password': 'hunter2' },
    redact: { patterns: { ticket: /TICKET-\d{6}/, failing: /FAIL-\d{4}/ } },
  });
  assert.deepEqual(logging.redactions(), { email: 2, password: 2 });

  // A second call finds the same key: remembered verdicts are counted as well.
  for (let i = 0; i < 3; i++) log.info('paid', { card: '4111111111111111', by: pii('bob'), note: 'TICKET-123456' });
  withContext({ token: 'abcdef' }, () => log.child({ secret: 'bound' }).info`for ${{ mail: 'e@f.io' }}`);
  const counts = logging.redactions();
  assert.deepEqual(
    { card: counts.card, pii: counts.pii, ticket: counts.ticket, token: counts.token, password: counts.password },
    { card: 3, pii: 3, ticket: 3, token: 1, password: 2 },
  );
  assert.doesNotMatch(JSON.stringify(counts), /hunter2|4111|bob|TICKET|bound|abcdef|@/);

  const { exec } = RegExp.prototype as { readonly exec: (this: RegExp, text: string) => RegExpExecArray | null };
  const broken = t.mock.method(RegExp.prototype, 'exec', function (this: RegExp, text: string) {
    if (this.source.startsWith('FAIL')) throw new Error(`failed on ${text}`);
    return exec.call(this, text);
  });
  log.info('judged_by_none', { note: 'any text' });
  broken.mock.restore();
  assert.ok((logging.redactions().error ?? 0) > 0);
  await logging.shutdown();
  assert.equal(logging.ledger().balanced, true);
});
