/**
 * Which keys hide their values, whatever the style they are written in.
 *
 * A key is split into words once (`dbPassword`, `DB_PASSWORD`, `db-password` and `db password` are the same two words)
 * and judged by how it ends, because the last words say what a thing is: `password_reset_token` is a token,
 * `password_reset_sent` is not, `token_type` is a type. The answer is cached by the caller.
 */

/** Phrases a secret key ends with, by the kind under which its value is hidden. */
const PHRASES: Readonly<Record<string, string>> = {
  password:
    'password|passwords|passwd|passw|pwd|pw|pass|passcode|passphrase|pass phrase|pass word|contraseña|contrasena|passwort|' +
    'kennwort|senha|wachtwoord|mot de passe|motdepasse',
  secret:
    'secret|secrets|secrete|secreto|segredo|secret key|secret keys|secret access key|shared access signature|' +
    'seed phrase|recovery phrase|mnemonic|recovery code|recovery codes|backup code|backup codes|security answer',
  token:
    'token|jwt|bearer|access tokens|refresh tokens|auth tokens|api tokens|session tokens|bearer tokens|csrf|xsrf|' +
    'csrf tokens|secret tokens|personal access tokens',
  api_key:
    'api key|api keys|app key|application key|subscription key|consumer key|functions key|service key|account key|' +
    'storage key|service role key|license key|licence key|auth key|access key|access keys|access key id|db key|database key|client key|' +
    'master key|encryption key|decryption key|signing key|hmac key|webhook key|deploy key|ssh key|session key|' +
    'shared key|service account key|cipher key|aes key|api hash',
  private_key: 'private key|private keys|priv key|private pem|key material',
  authorization: 'authorization|proxy authorization|authorization code|auth header|auth code|x auth|basic auth',
  cookie: 'cookie|cookies|set cookie',
  session: 'session id|sessionid|phpsessid|jsessionid|sessid|connect sid',
  ssn: 'ssn|social security number|social security no|social security',
  card:
    'card number|card no|card num|cardnum|credit card|creditcard|debit card|payment card|bank card|cc number|cc num|' +
    'ccnum|cc no|pan|primary account number|credit card num',
  cvv: 'cvv|cvc|cvn|csc|security code|card code|card verification value|card verification code|card security code',
  pin: 'pin code|pin number|card pin|user pin|atm pin|sim pin|security pin|account pin|debit pin|login pin',
  otp: 'otp|totp|one time code|mfa code|fa code|sms code|verification code|otp code|totp code|login code',
  credentials: 'credential|credentials|creds|cred',
  connection_string: 'connection string|conn string|conn str|connstr|connection uri',
  iban: 'iban',
};

/** The kinds that keys are hidden under. */
export const KEY_KINDS: readonly string[] = Object.keys(PHRASES);

/** Keys that hide only when nothing else stands beside them. */
const EXACT: Readonly<Record<string, string>> = { card: 'card', cards: 'card', pin: 'pin' };

/** Endings that are long enough to be safe where words are glued: `dbpassword`, `gitlabtoken`, `xapikey`. */
const GLUED: readonly (readonly [ending: string, kind: string])[] = [
  ['password', 'password'],
  ['passwd', 'password'],
  ['passphrase', 'password'],
  ['userpwd', 'password'],
  ['adminpw', 'password'],
  ['rootpw', 'password'],
  ['bindpw', 'password'],
  ['requirepass', 'password'],
  ['secret', 'secret'],
  ['secretkey', 'secret'],
  ['secretaccesskey', 'secret'],
  ['token', 'token'],
  ['apikey', 'api_key'],
  ['apikeys', 'api_key'],
  ['accesskey', 'api_key'],
  ['accesskeyid', 'api_key'],
  ['authkey', 'api_key'],
  ['encryptionkey', 'api_key'],
  ['signingkey', 'api_key'],
  ['masterkey', 'api_key'],
  ['privatekey', 'private_key'],
  ['privkey', 'private_key'],
  ['proxyauthorization', 'authorization'],
  ['setcookie', 'cookie'],
  ['sessionid', 'session'],
  ['sessionkey', 'session'],
  ['socialsecuritynumber', 'ssn'],
  ['cardnumber', 'card'],
  ['connectionstring', 'connection_string'],
  ['credentials', 'credentials'],
];

/** Words after the secret's name that leave it a secret: `password_hash`, `token_value`, `authorization-header`. */
const SUFFIXES: ReadonlySet<string> = new Set(
  (
    'value|values|hash|hashed|digest|raw|text|plain|plaintext|encrypted|enc|base|hex|confirm|confirmation|again|repeat|' +
    'new|old|current|previous|prev|original|secure|super|string|str|header|env|salt|prod|production|staging|stage|dev|' +
    'development|test|testing|live|sandbox|local|default|primary|secondary|backup|temp|tmp'
  ).split('|'),
);

/** First words that make the key a question about a secret: `has_password`, `max_tokens`. */
const QUESTIONS: ReadonlySet<string> = new Set(
  'has|is|needs|need|requires|require|should|can|no|without|use|uses|allow|allows|max|min|num|count|total|show'.split(
    '|',
  ),
);

/** A word before the last one that makes it something else. */
const HARMLESS_BEFORE: Readonly<Record<string, ReadonlySet<string>>> = {
  token: new Set(
    (
      'page|next|prev|previous|continuation|sync|cursor|cancel|cancellation|design|eos|bos|pad|unk|mask|sep|stop|start|' +
      'end|public|unexpected|expected|lexer|parser|syntax|prompt|completion|input|output|cached|per'
    ).split('|'),
  ),
  pass: new Set(
    (
      'boarding|season|first|second|third|next|last|multi|single|two|one|test|bus|ski|day|final|all|low|high|band|' +
      'render|optimization|compiler|by'
    ).split('|'),
  ),
  authorization: new Set('pre|payment|card|capture|re'.split('|')),
  pan: new Set('camera|map|zoom|frying'.split('|')),
};

/** OTel semantic conventions name these; they correlate and grant nothing. */
const SEMCONV: ReadonlySet<string> = new Set(['session.id', 'session.previous_id', 'aws.request_id']);

const KIND_BY_PHRASE: ReadonlyMap<string, string> = new Map(
  Object.entries(PHRASES).flatMap(([kind, phrases]) => phrases.split('|').map((phrase) => [phrase, kind] as const)),
);
const LONGEST_PHRASE_WORDS = 4;
const MAX_JUDGED_LENGTH = 128;

/** `dbPassword1` → `['db', 'password']`; digits and punctuation only separate. */
export function splitWords(name: string): string[] {
  return name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');
}

/** The kind under which the built-in rules hide what stands under `name`, or `undefined`. */
export function kindOfKey(name: string): string | undefined {
  if (name.length > MAX_JUDGED_LENGTH || SEMCONV.has(name)) return undefined;
  const words = splitWords(name);
  if (words.length > 1 && QUESTIONS.has(words[0] as string)) return undefined;
  for (;;) {
    const kind = kindOfWords(words);
    // A bare suffix word (`hash`, `value`) is no secret: one word always stays.
    if (kind !== undefined || words.length < 2 || !SUFFIXES.has(words[words.length - 1] as string)) return kind;
    words.pop();
  }
}

function kindOfWords(words: readonly string[]): string | undefined {
  const last = words[words.length - 1];
  if (last === undefined) return undefined;
  if (words.length > 1) {
    if (HARMLESS_BEFORE[last]?.has(words[words.length - 2] as string) === true) return undefined;
  } else if (Object.hasOwn(EXACT, last)) {
    return EXACT[last];
  }
  for (let count = Math.min(words.length, LONGEST_PHRASE_WORDS); count > 0; count--) {
    const kind = KIND_BY_PHRASE.get(words.slice(-count).join(' '));
    if (kind !== undefined) return kind;
  }
  const glued = words.join('');
  return GLUED.find(([ending]) => glued.endsWith(ending))?.[1];
}

/** Judges keys by the built-in phrases, the user's additions and exceptions; the same for any case style. */
export class KeyRules {
  readonly #builtIn: boolean;
  readonly #added: ReadonlySet<string>;
  readonly #excepted: ReadonlySet<string>;

  constructor(options: { builtIn: boolean; keys?: readonly string[]; except?: readonly string[] }) {
    this.#builtIn = options.builtIn;
    this.#added = new Set((options.keys ?? []).map(normalised));
    this.#excepted = new Set((options.except ?? []).map(normalised));
  }

  kindOf(name: string): string | undefined {
    if (this.#added.size > 0 || this.#excepted.size > 0) {
      const key = normalised(name);
      if (this.#excepted.has(key)) return undefined;
      if (this.#added.has(key)) return 'key';
    }
    return this.#builtIn ? kindOfKey(name) : undefined;
  }
}

/** Words and digits without style: `internalNote2`, `internal_note_2` and `INTERNAL-NOTE-2` are the same key. */
function normalised(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

/**
 * The last three letters of every name a secret key can have: a cheap first look at a name inside a text. A name whose
 * last word is shorter (`session_id`) is given with each separator that can stand before it.
 */
export function keyEndings(userKeys: readonly string[]): ReadonlySet<string> {
  const endings = new Set<string>();
  const names = [...KIND_BY_PHRASE.keys(), ...Object.keys(EXACT), ...GLUED.map(([ending]) => ending), ...SUFFIXES];
  for (const name of [...names, ...userKeys.map((key) => key.toLowerCase())]) {
    endings.add(name.replace(/[^\p{L}]/gu, '').slice(-3));
    const last = splitWords(name).pop() ?? name;
    if (last.length < 3) for (const separator of '_-. ') endings.add(separator + last);
  }
  return endings;
}
