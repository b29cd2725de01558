import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPolicy } from '../../../src/pipeline/redact/policy.ts';
import { refusePattern } from '../../../src/pipeline/redact/pattern-check.ts';
import { checkPatterns, MOST_SEARCHED } from '../../../src/pipeline/redact/patterns.ts';
import { Dice } from '../../support/redaction/dice.ts';

describe('user patterns', () => {
  test('R4.2 a pattern hides what it matches everywhere, beside the built-in kinds', () => {
    const policy = createPolicy({ patterns: { ticket: /TICKET-\d{4}/, code: /\bcode \w+/i } });
    assert.equal(
      policy.text('TICKET-1234 and TICKET-5678 by bob@example.com, Code abc'),
      '[REDACTED:ticket] and [REDACTED:ticket] by [REDACTED:email], [REDACTED:code]',
    );
    assert.deepEqual(policy.counts(), { ticket: 2, email: 1, code: 1 });
  });

  test('R4.2 where two rules overlap nothing of either stays', () => {
    const policy = createPolicy({ patterns: { wide: /user \S+/, late: /com and/ } });
    assert.equal(policy.text('user bob@example.com and'), '[REDACTED:wide]');
  });

  test('R4.2 flags and state of a pattern do not matter', () => {
    const sticky = /x\d/gy;
    sticky.lastIndex = 5;
    const policy = createPolicy({ patterns: { x: sticky, empty: /z*/ } });
    assert.equal(policy.text('x1 x2'), '[REDACTED:x] [REDACTED:x]');
    assert.equal(policy.text('x1 x2'), '[REDACTED:x] [REDACTED:x]');
    assert.equal(sticky.lastIndex, 5);
  });

  test('R4.5 patterns that can take exponential time are refused', () => {
    const bad = [/(a+)+$/, /(a*)*b/, /(\w+\s?)*$/, /(?:x{2,})+y/, /((a|b)+c?)*/, /(a|a)*b/, /(ab|a)+c/, /(.*,){20}x/];
    for (const pattern of [...bad, /(a)\1+/, /(?:a|b|ab)*c/, /(x+x+)+y/, /(?:a?){30}a{30}/, /(a{1,16}){1,16}b/]) {
      assert.notEqual(refusePattern(pattern), undefined, String(pattern));
    }
  });

  test('R4.5 patterns whose time can grow with the square of the text are refused', () => {
    const shared = [/\w+\d+x/, /.*=.*/, /^.*a.*b.*c$/, /-\w+\d+x/, /x\d+-[\w-]+!/, /\w{1,64}\w{1,64}x/];
    const enteredEverywhere = [/a+b/, /[a-z+*]+@x/, /\d+\b/, /foo.*?bar/, /\s+$/, /(\d+|\w+)x/, /(?:a|b*)c/];
    for (const pattern of [...shared, ...enteredEverywhere, /(?=.*a)b/, /(?<!a+)b/]) {
      assert.notEqual(refusePattern(pattern), undefined, String(pattern));
    }
  });

  test('R4.5 ordinary patterns are used', () => {
    const plain = [/ACME-\d{6}/, /\b[A-Z]{2}\d+\b/, /(?:foo|bar)+/, /a{1,3}(b{2}){1,4}/, /\((\d+)\)/, /\d+/, /x*/];
    const bounded = [
      /\w{1,64}@corp\.example/i,
      /(\d{1,3}\.){3}\d{1,3}/,
      /(?:\d{4}[ -]?){3}\d{4}/,
      /[\w.-]{1,64}@acme\.com/,
    ];
    const clear = [
      /(?<year>\d{4})-\d\d/u,
      /ID-\d+-[A-Z]+/,
      /"ssn":\s*"\d+"/,
      /^id-\d+$/,
      /^\s*\w+:/,
      /cust:(?:[a-f\d]{8}|[A-Z]{4})/,
    ];
    const around = [/\p{Lu}{2}\d{3}/u, /(?<![\w-])X\d{5}(?!\d)/, /[\p{L}--[a-z]]\d/v];
    for (const pattern of [...plain, ...bounded, ...clear, ...around.slice(0, 2)]) {
      assert.equal(refusePattern(pattern), undefined, String(pattern));
    }
    // What can't be read is refused, not trusted.
    assert.notEqual(refusePattern(around[2] as RegExp), undefined);
  });

  test('R4.5 no pattern that is accepted takes more than linear time', () => {
    const dice = new Dice(20_261_121);
    const units = ['a', 'ab', 'a-', '-a', 'x1-', 'a1', '1', '  ', '--', 'ab1', '\n', 'a!'];
    let accepted = 0;
    for (let i = 0; i < 150; i++) {
      const pattern = randomPattern(dice);
      if (pattern === undefined || refusePattern(pattern) !== undefined) continue;
      accepted++;
      const unit = dice.pick(units);
      const [short, long] = [10_000, 80_000].map((length) => timeOf(pattern, `${unit.repeat(length / unit.length)}!`));
      // Eight times the text: squared, it is 64 times as long, which is seconds.
      const isLinear = (long as number) < 150 || (long as number) < (short as number) * 30;
      assert.ok(isLinear, `${String(pattern)} on ${JSON.stringify(unit)}: ${short} ms, then ${long} ms`);
    }
    assert.ok(accepted > 40, 'the check refuses nearly everything');
  });

  test('R4.5 what lies behind the part of a giant text that is searched is hidden', () => {
    const policy = createPolicy({ patterns: { ticket: /TICKET-\d{4}/ } });
    const shown = policy.text(`${'a '.repeat(MOST_SEARCHED / 2)}TICKET-1234`);
    assert.ok(shown.endsWith('a [REDACTED:unsearched]'), shown.slice(-40));
    assert.deepEqual(policy.counts(), { unsearched: 1 });
  });

  test('R4.4 a pattern that fails hides the text, and is counted', (t) => {
    const policy = createPolicy({ patterns: { ticket: /TICKET-\d{4}/ } });
    const broken = t.mock.method(RegExp.prototype, 'exec', () => {
      throw new RangeError('too much recursion');
    });
    const shown = policy.text('TICKET-1234');
    broken.mock.restore();
    assert.equal(shown, '[REDACTED:error]');
    assert.deepEqual(policy.counts(), { error: 1 });
  });

  test('R10.3 a refused pattern is a problem that names the setting, the pattern and the fix', () => {
    const [problem, ...others] = checkPatterns({ good: /x/, bad: /(a+)+/ });
    assert.deepEqual(others, []);
    assert.equal(problem?.code, 'SPANLOG_BAD_PATTERN');
    assert.equal(problem.setting, 'redact.patterns.bad');
    assert.equal(problem.value, '/(a+)+/');
    assert.match(problem.fix, /bounds/);
    assert.equal(createPolicy({ patterns: { bad: /(a+)+/ } }).text('aaaa'), 'aaaa', 'it is never run');
  });
});

/** The faster of two searches through the whole text, in ms. */
function timeOf(pattern: RegExp, text: string): number {
  let best = Infinity;
  for (let i = 0; i < 2; i++) {
    const start = performance.now();
    for (const match of text.matchAll(new RegExp(pattern.source, 'g'))) if (match.index < 0) break;
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

const ATOMS = ['a', 'b', '-', 'x', '\\d', '\\w', '[ab]', '[^a]', '.', '\\s', '[a-]', '\\b', '$'];
const QUANTIFIERS = ['', '', '', '+', '*', '?', '{2}', '{1,3}', '{2,}', '+?', '{0,20}'];

function randomPattern(dice: Dice, depth = 2): RegExp | undefined {
  const sequence = (left: number): string =>
    Array.from({ length: dice.between(1, 4) }, () => {
      if (left > 0 && dice.below(5) === 0) {
        const branches = Array.from({ length: dice.between(1, 3) }, () => sequence(left - 1));
        return `(${branches.join('|')})${dice.pick(QUANTIFIERS)}`;
      }
      const atom = dice.pick(ATOMS);
      return /^(?:\\b|\$)$/.test(atom) ? atom : atom + dice.pick(QUANTIFIERS);
    }).join('');
  try {
    return new RegExp(sequence(depth));
  } catch {
    return undefined;
  }
}
