import { NATIONAL_ID_KINDS, THING_KINDS } from './identifiers.ts';
import { TOKEN_FORMATS } from './vendor-tokens.ts';

/** Kinds found by the look of a value, by their default. `vendor_token`, `assignment` and `national_id` each stand for a family. */
const BY_VALUE: Readonly<Record<string, boolean>> = {
  card: true,
  ssn: true,
  iban: true,
  email: true,
  jwt: true,
  private_key: true,
  authorization: true,
  url_credentials: true,
  password_hash: true,
  assignment: true,
  vendor_token: true,
  ip: false,
  phone: false,
  national_id: false,
  ...Object.fromEntries(THING_KINDS.map((kind) => [kind, false])),
};
const NATIONAL_IDS: ReadonlySet<string> = new Set(NATIONAL_ID_KINDS);

/** Vendors' tokens that have no plain prefix. */
const SHAPED_TOKENS = [
  'telegram_token',
  'terraform_token',
  'azure_client_secret',
  'mailchimp_key',
  'discord_token',
  'facebook_token',
  'maxmind_key',
];

const VENDOR_KINDS: ReadonlySet<string> = new Set([...TOKEN_FORMATS.map(({ kind }) => kind), ...SHAPED_TOKENS]);

/** Every name that `redact.kinds` may hold. */
export const REDACTION_KINDS: readonly string[] = [
  ...Object.keys(BY_VALUE),
  ...NATIONAL_ID_KINDS,
  ...[...VENDOR_KINDS].filter((kind) => !(kind in BY_VALUE)).sort(),
];

/** Whether a kind is looked for: the user's word for the kind itself, then for its family, then the default. */
export function kindSwitch(kinds: Readonly<Record<string, boolean>> = {}): (kind: string) => boolean {
  return (kind) => {
    const own = kinds[kind];
    if (own !== undefined) return own;
    if (Object.hasOwn(BY_VALUE, kind)) return BY_VALUE[kind] === true;
    if (NATIONAL_IDS.has(kind)) return kinds.national_id ?? false;
    return kinds.vendor_token ?? true;
  };
}
