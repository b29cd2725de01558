import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NATIONAL_ID_KINDS, THING_KINDS } from '../../../src/pipeline/redact/identifiers.ts';
import { createPolicy } from '../../../src/pipeline/redact/policy.ts';
import { harmlessTexts } from '../../support/redaction/measure.ts';

/** The examples that issuers and their registers publish: numbers of nobody. */
const EXAMPLES: Readonly<Record<string, string>> = {
  aba_routing: '021000021',
  au_abn: '51 824 753 556',
  au_acn: '004 085 616',
  au_medicare: '2123 45670 1',
  au_tfn: '123 456 782',
  be_national_number: '85.07.30-033.28',
  br_cnpj: '11.222.333/0001-81',
  br_cpf: '529.982.247-25',
  ca_sin: '046 454 286',
  ch_ahv: '756.9217.0769.85',
  cn_resident_id: '11010519491231002X',
  de_tax_id: '86095742719',
  dk_cpr: '070761-4285',
  es_nie: 'X1234567L',
  es_nif: '12345678Z',
  fi_hetu: '131052-308T',
  fr_nir: '2 55 08 14 168 025 38',
  in_aadhaar: '2341 2341 2346',
  in_gstin: '27AAPFU0939F1ZV',
  in_pan: 'AAPFU0939F',
  it_fiscal_code: 'RSSMRA85T10A562S',
  kr_rrn: '820701-2409184',
  mx_curp: 'BADD110313HCMLNS09',
  nl_bsn: '111222333',
  no_fodselsnummer: '01010750160',
  pl_pesel: '44051401359',
  se_personnummer: '811228-9874',
  sg_nric: 'S1234567D',
  th_national_id: '1-1017-00230-70-8',
  tr_national_id: '10000000146',
  uk_nhs: '943 476 5919',
  uk_nino: 'AB 12 34 56 C',
  us_itin: '912-70-1234',
  us_mbi: '1EG4-TE5-MK73',
  us_npi: '1234567893',
  za_id: '8001015009087',
  mac_address: '00:1B:44:11:3A:B7',
  crypto_wallet: '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2',
};
/** Kinds without a check digit: their shape alone tells them. */
const SHAPES = new Set([
  'dk_cpr',
  'in_gstin',
  'in_pan',
  'kr_rrn',
  'mx_curp',
  'mac_address',
  'uk_nino',
  'us_itin',
  'us_mbi',
]);

const SENTENCES: readonly ((id: string) => string)[] = [
  (id) => id,
  (id) => `customer ${id} was found`,
  (id) => JSON.stringify({ id, n: 1 }),
  (id) => `id=${id};x=1`,
  (id) => `(${id}), again: ${id}.`,
];

describe('identifiers that are asked for', () => {
  test('R4.2 there is an example for every kind', () => {
    assert.deepEqual(Object.keys(EXAMPLES).sort(), [...NATIONAL_ID_KINDS, ...THING_KINDS].sort());
  });

  test('R4.2 each is hidden in any text when its kind is on, and stays when it is off', () => {
    const off = createPolicy({});
    for (const [kind, id] of Object.entries(EXAMPLES)) {
      const on = createPolicy({ kinds: { [kind]: true } });
      for (const sentence of SENTENCES) {
        assert.equal(on.text(sentence(id)), sentence(`[REDACTED:${kind}]`), kind);
        assert.equal(off.text(sentence(id)), sentence(id), kind);
      }
    }
  });

  test('R4.2 `national_id` switches all of them, and a kind of its own is the exception', () => {
    const all = createPolicy({ kinds: { national_id: true, us_npi: false } });
    for (const kind of NATIONAL_ID_KINDS) {
      const id = EXAMPLES[kind] as string;
      if (kind !== 'us_npi') assert.ok(!all.text(id).includes(id), kind);
    }
    assert.equal(
      createPolicy({ kinds: { national_id: true } }).text(EXAMPLES.mac_address as string),
      EXAMPLES.mac_address,
    );
  });

  test('R4.2 with a wrong check digit it is another number, and stays', () => {
    for (const [kind, id] of Object.entries(EXAMPLES)) {
      if (SHAPES.has(kind)) continue;
      const on = createPolicy({ kinds: { [kind]: true } });
      // One character after another becomes its neighbour: a check digit finds nearly every such slip.
      const slips = Array.from(id, (character, i) => {
        const next = String.fromCharCode(character.charCodeAt(0) + (/[9zZ]/.test(character) ? -1 : 1));
        return /[0-9A-Za-z]/.test(character) ? id.slice(0, i) + next + id.slice(i + 1) : undefined;
      }).filter((slip) => slip !== undefined);
      const taken = slips.filter((slip) => on.text(slip) !== slip);
      assert.ok(taken.length <= slips.length * 0.25, `${kind}: ${taken.join(', ')}`);
    }
  });

  test('R4.2 all wallets that carry a checksum, and the addresses of Ethereum', () => {
    const on = createPolicy({ kinds: { crypto_wallet: true } });
    const right = [
      'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
      'BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4',
      '3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy',
      '0x52908400098527886E0F7030069857D2E4169EE7',
    ];
    for (const address of right) assert.equal(on.text(`to ${address}.`), 'to [REDACTED:crypto_wallet].');
    for (const address of [
      'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5',
      '3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLz',
      `0x${'a'.repeat(39)}`,
    ]) {
      assert.equal(on.text(address), address);
    }
  });

  test('R4.2 with all of them on, few harmless texts are altered', () => {
    const on = createPolicy({ kinds: { national_id: true, crypto_wallet: true } });
    const texts = harmlessTexts(20_261_121, 40);
    const altered = texts.filter(({ text }) => on.text(text) !== text);
    assert.ok(
      altered.length <= texts.length * 0.01,
      JSON.stringify(altered.map(({ text }) => [text, on.text(text)]).slice(0, 20)),
    );
  });
});
