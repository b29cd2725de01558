import { TOKEN_FORMATS } from '../../src/pipeline/redact/vendor-tokens.ts';
import type { InputReport } from './input-run.ts';

/** Characters. */
export const SHORT = 100_000;
export const LONG = 200_000;

/** What `apps/input-redaction.ts` reports: ms of a processor for each text. */
export interface RedactionReport extends InputReport {
  readonly times: Readonly<Record<string, { readonly short: number; readonly long: number }>>;
  readonly calls: number;
}

/** What begins like a token of a vendor, by vendors in groups: each text has every prefix of its group in turn. */
const GROUPS = 4;

function vendorTexts(): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [i, { prefixes }] of TOKEN_FORMATS.entries()) {
    const group = `vendor_token, group ${i % GROUPS}`;
    texts[group] = `${texts[group] ?? ''}${prefixes.map((prefix) => `${prefix}aA0`).join('')} ${prefixes.join(' ')} `;
  }
  return texts;
}

/** Repeated, each makes a rule start again and again: by the kind that it looks for. */
export const ADVERSARIES: Readonly<Record<string, string>> = {
  card: '4111 ',
  'card, digits': '1',
  ssn: '111-11-',
  iban: 'GB82 WEST ',
  email: 'a.a@',
  'email, domain': '@a.',
  jwt: 'eyJaaaaaaaaaaaaaaaaaa.',
  private_key: '-----BEGIN ',
  authorization: 'authorization: digest ',
  'authorization, scheme': 'Bearer ',
  url_credentials: 'https://a:b',
  assignment: 'password="',
  'assignment, list': '"token":["',
  'assignment, brackets': 'password=(((',
  ip: '1.1.1.1.',
  'ip, version 6': 'a:a:',
  phone: '+1 ',
  telegram_token: '1234567890:AA',
  terraform_token: 'aaaaaaaaaaaaaa.atlasv1.',
  azure_client_secret: 'aaa7Q~',
  mailchimp_key: '0123456789abcdef0123456789abcdef-us1',
  discord_token: 'Maaaaaaaaaaaaaaaaaaaaaaa.',
  facebook_token: '1111111111111111|',
  maxmind_key: 'aaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaa_mm',
  password_hash: '$2b$10$aaaa$6$a$',
  national_id: '12-34 56.789 AB12 ',
  mac_address: 'AA:BB:',
  crypto_wallet: 'bc1q0x1A',
  'a pattern of the user': 'TICKET-1111',
  ...vendorTexts(),
};
