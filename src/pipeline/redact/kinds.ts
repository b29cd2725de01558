import { NATIONAL_ID_KINDS, THING_KINDS } from './identifiers.ts';
import { KEY_KINDS } from './keys.ts';
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

/** Kinds that grant nothing: they say who someone is. Every other one is a credential. */
const PERSONAL_KINDS: ReadonlySet<string> = new Set([
  ...['card', 'ssn', 'iban', 'email', 'ip', 'phone', 'national_id'],
  ...THING_KINDS,
]);

/** Credentials, of whose characters none is ever shown. */
const SECRET_KINDS: ReadonlySet<string> = new Set(
  [...Object.keys(BY_VALUE), ...KEY_KINDS, 'error'].filter((kind) => !PERSONAL_KINDS.has(kind)),
);

/** Of keys and places that the user names, of what the text around a field gives away, and of all that are not named. */
const OTHER_MASK_KINDS = ['key', 'path', 'context', '*'];

export function isVendorKind(kind: string): boolean {
  return VENDOR_KINDS.has(kind);
}

export function isSecretKind(kind: string): boolean {
  return SECRET_KINDS.has(kind) || VENDOR_KINDS.has(kind);
}

/** What a value keeps hidden that was marked as personal and may be seen: credentials, and card numbers (PCI DSS 3.4). */
export function staysHidden(kind: string): boolean {
  return kind === 'card' || isSecretKind(kind);
}

/** What configuration must know of kinds, which it can't ask redaction. */
export const KIND_FACTS: {
  readonly redactionKinds: readonly string[];
  readonly maskKinds: readonly string[];
  readonly secretKinds: readonly string[];
} = {
  redactionKinds: REDACTION_KINDS,
  maskKinds: [...new Set([...REDACTION_KINDS, ...KEY_KINDS, ...OTHER_MASK_KINDS])],
  secretKinds: [...SECRET_KINDS, ...VENDOR_KINDS],
};

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
