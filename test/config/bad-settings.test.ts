import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Options } from '../../src/config/options.ts';
import type { ResolvedSettings } from '../../src/config/resolve.ts';
import { resolveSettings } from '../../src/config/resolve.ts';
import { problemText, SETTING_CODES, SettingError } from '../../src/core/errors.ts';
import { defineEvents } from '../../src/index.ts';
import { BAD_DESTINATION_SETTINGS } from './bad-destination-settings.ts';
import { BAD_DURABILITY } from './bad-durability.ts';
import { BAD_RECORDER } from './bad-recorder.ts';
import { BAD_LEVELS_AND_LIMITS } from './bad-levels-and-limits.ts';
import { BAD_POLICY_SETTINGS } from './bad-policy-settings.ts';
import { BAD_REDACTION_SETTINGS } from './bad-redaction-settings.ts';
import { BAD_RECORD_SETTINGS } from './bad-record-settings.ts';

const rows = [
  ...BAD_LEVELS_AND_LIMITS,
  ...BAD_DURABILITY,
  ...BAD_RECORDER,
  ...BAD_RECORD_SETTINGS,
  ...BAD_POLICY_SETTINGS,
  ...BAD_REDACTION_SETTINGS,
  ...BAD_DESTINATION_SETTINGS,
];

const KINDS = ['card', 'email'];
const FACTS = {
  isTty: false,
  redactionKinds: KINDS,
  maskKinds: [...KINDS, 'password', '*'],
  secretKinds: ['password'],
};

/** Options as JavaScript callers write them: of any shape. */
function resolve(options: unknown, env: NodeJS.ProcessEnv = {}): ResolvedSettings {
  return resolveSettings(options as Options | undefined, env, FACTS);
}

describe('R10.3 a bad setting', () => {
  for (const row of rows) {
    test(`${/^R\d/.test(row.title) ? '' : 'R10.3 '}${row.title}`, () => {
      const { problems, settings } = resolve(row.options, row.env);
      assert.deepEqual(
        problems.map(({ code, setting, value, origin }) => ({ code, setting, value, origin })),
        [{ code: row.code, setting: row.setting, value: row.value, origin: row.origin }],
      );
      assert.match(problems[0]?.fix ?? '', row.fix);
      if (row.instead !== undefined) assert.deepEqual(row.instead(settings), row.expected);
    });
  }

  test('R10.3 every code has a row, so that none is only on paper', () => {
    const covered = new Set(rows.map((row): string => row.code));
    assert.deepEqual(
      Object.keys(SETTING_CODES).filter((code) => !covered.has(code)),
      [],
    );
  });

  test('R10.3 the same mistake, read by two destinations, is said once', () => {
    const { problems } = resolve(
      { destinations: [{ kind: 'otlp' }, { kind: 'otlp' }] },
      { OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' },
    );
    assert.equal(problems.length, 1);
  });

  test('R10.3 several mistakes are all said', () => {
    const { problems } = resolve({ level: 'loud', limits: { depth: 0 } }, { SPANLOG_SAMPLE_RATE: '2' });
    assert.deepEqual(
      problems.map((problem) => problem.setting),
      ['level', 'sample.rate', 'limits.depth'],
    );
  });

  test('R12.2 a setting may name events that spanlog logs itself, which are in no catalogue', () => {
    const catalogue = defineEvents({ order_placed: { level: 'info' } });
    const events = { order_placed: 0.5, request_completed: 0.1, flow_step: 0.1, dependency_call: 0.1 };
    assert.deepEqual(resolve({ catalogue, sample: { events } }).problems, []);
  });

  test('R10.3 a bad value in code gives way to the variable', () => {
    assert.equal(resolve({ level: 'loud' }, { SPANLOG_LEVEL: 'error' }).settings.level, 17);
  });

  test('R10.3 the error under strict carries every problem, and its text names code, setting, value, origin and fix', () => {
    const { problems, settings } = resolve({ strict: true, level: 'loud' });
    assert.equal(settings.strict, true);
    const error = new SettingError(problems);
    assert.equal(error.code, 'SPANLOG_BAD_LEVEL');
    assert.match(error.message, /^SPANLOG_BAD_LEVEL: level is "loud" \(from code\)\. Use one of: trace/);
  });

  test('R10.3 no notice can forge a line or drive a terminal', () => {
    const evil = '\u001b[31m\n\u0085\u2028\u202eSPANLOG';
    const { problems } = resolve({ level: evil, [evil]: 1, levels: { [evil]: 'x' } });
    assert.equal(problems.length, 3);
    for (const problem of problems) {
      assert.doesNotMatch(problemText(problem), /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
    }
  });

  test('R10.3 an endless value is shown cut', () => {
    const { problems } = resolve({ level: 'x'.repeat(1_000_000) });
    assert.ok(problemText(problems[0] ?? assert.fail('no problem')).length < 400);
  });
});
