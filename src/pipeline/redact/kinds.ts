import { TOKEN_FORMATS } from './vendor-tokens.ts';

/** Kinds found by the look of a value, by their default. `vendor_token` and `assignment` each stand for a family. */
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
};

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
  ...[...VENDOR_KINDS].filter((kind) => !(kind in BY_VALUE)).sort(),
];

/** Whether a kind is looked for: the user's word for the kind itself, then for its family, then the default. */
export function kindSwitch(kinds: Readonly<Record<string, boolean>> = {}): (kind: string) => boolean {
  return (kind) => {
    const own = kinds[kind];
    if (own !== undefined) return own;
    if (Object.hasOwn(BY_VALUE, kind)) return BY_VALUE[kind] === true;
    return kinds.vendor_token ?? true;
  };
}
