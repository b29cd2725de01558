import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HubBridge } from '../../src/bridges/bridge-target.ts';
import { SpanlogLoggerProvider } from '../../src/bridges/otel-globals.ts';
import { AuditRules } from '../../src/core/audit-rules.ts';
import { isBalanced } from '../../src/core/ledger.ts';
import { parseLevel } from '../../src/core/level.ts';
import { createRecordingHub } from '../support/recording-hub.ts';
import type { Recording } from '../support/recording-hub.ts';

/** Nothing but audit records gets through: no level is low enough, and nothing is sampled in. */
function createShut(events: readonly string[], loggers: readonly string[] = []): Recording {
  const recording = createRecordingHub({ sample: { rate: 0 }, audit: new AuditRules(events, loggers) });
  recording.hub.levels.configure({ level: parseLevel('off') ?? 0, levels: new Map([['audit', 25]]) });
  return recording;
}

function assertOnly({ records, account }: Recording, expected: readonly string[]): void {
  assert.deepEqual(
    records.map(({ eventName, body }) => eventName || body),
    expected,
  );
  assert.equal(isBalanced(account.counts()), true);
}

describe('audit records', () => {
  test('R12.2 a named event passes level and sampling, at every level and from every logger', () => {
    const shut = createShut(['user_deleted']);
    const log = shut.hub.getLogger('accounts').child({ tenant: 't-1' });
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) {
      log[level]('user_deleted');
      log[level]('user_created');
    }
    log.exception(new Error('gone'), 'user_deleted');
    log.info`user ${{ id: 1 }} deleted`;
    assertOnly(shut, Array<string>(7).fill('user_deleted'));
  });

  test('R12.2 all that a named logger and those below it log are audit records', () => {
    const shut = createShut([], ['audit']);
    shut.hub.getLogger('audit').debug('role_granted');
    shut.hub.getLogger('audit.access').trace('a message that is no event');
    shut.hub.getLogger('auditorium').fatal('concert_started');
    assertOnly(shut, ['role_granted', 'a message that is no event']);
  });

  test('R12.2 a logger says that it is enabled as its level is, and an audit logger that it always is', () => {
    const { hub } = createShut(['user_deleted'], ['audit']);
    assert.equal(hub.getLogger('accounts').isEnabled('fatal'), false);
    assert.equal(hub.getLogger('audit').isEnabled('trace'), true);
  });

  test('R12.2 a level that is set at run time keeps no audit record out', () => {
    const shut = createShut([], ['audit']);
    shut.hub.levels.override('audit.access', 25);
    shut.hub.getLogger('audit.access').info('door_opened');
    assertOnly(shut, ['door_opened']);
  });

  test('R12.2 an event that a timer, a flow or an expected error makes quieter is still an audit record', () => {
    const rules = new AuditRules(['backup', 'flow_started'], []);
    const shut = createRecordingHub({
      sample: { rate: 0 },
      audit: rules,
      expectedErrors: [{ match: 'TimeoutError', severity: 1 }],
    });
    const log = shut.hub.getLogger('jobs');
    log.time('backup').end();
    log.flow('restore').step('read');
    log.info('backup', {}, new DOMException('late', 'TimeoutError'));
    assertOnly(shut, ['backup', 'flow_started', 'backup']);
  });

  test('R12.2 records of bridged libraries and of the OTel Logs API are audit records by the same names', () => {
    const shut = createShut(['user_deleted'], ['pino.audit']);
    shut.hub.levels.configure({
      level: 9,
      levels: new Map([
        ['pino', 25],
        ['otel', 25],
      ]),
    });
    const bridge = new HubBridge(shut.hub, () => Promise.resolve());
    const emit = (source: string, body: string): void =>
      bridge.emit(source, { severity: 9, body, attributes: undefined, error: undefined, time: undefined });
    emit('pino', 'user_deleted');
    emit('pino', 'user_created');
    emit('pino.audit', 'signed in');
    const otel = new SpanlogLoggerProvider(shut.hub).getLogger('otel');
    otel.emit({ eventName: 'user_deleted', severityNumber: 1 });
    otel.emit({ eventName: 'user_created', severityNumber: 1 });
    assertOnly(shut, ['user_deleted', 'signed in', 'user_deleted']);
  });
});
