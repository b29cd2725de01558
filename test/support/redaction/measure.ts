/** Makes texts with a seed, redacts them, and counts by kind and by carrier what was hidden and what was altered. */
import { AROUND, IN_URL, MARK, NAMED, QUOTED, WHOLE } from './carriers.ts';
import { Dice } from './dice.ts';
import { HARMLESS, NEAR } from './harmless.ts';
import { card, email, iban, jwt, oddPassword, password, pem, shapedToken, ssn, vendorToken } from './values.ts';

/** A text with a secret in it, which must not survive redaction. */
export interface Leak {
  readonly kind: string;
  readonly carrier: string;
  readonly secret: string;
  readonly text: string;
}

/** A text that must survive. */
export interface Harmless {
  readonly kind: string;
  readonly text: string;
}

const BY_LOOK: Readonly<Record<string, (dice: Dice) => string>> = {
  card,
  iban,
  ssn,
  email,
  jwt,
  private_key: pem,
  vendor: vendorToken,
  shaped: shapedToken,
};
/** Kinds that are written into a URL as they are. */
const URL_KINDS = new Set(['email', 'jwt', 'card', 'vendor']);

/** Names in all case styles, alone and with what people write before and after them. */
const NAMES = [
  'password', 'Password', 'DB_PASSWORD', 'dbPassword', 'user_password', 'smtp-password', 'passwd', 'pwd', 'passphrase',
  'secret', 'client_secret', 'clientSecret', 'CLIENT-SECRET', 'aws_secret_access_key', 'SecretKey', 'webhookSecret',
  'token', 'access_token', 'accessToken', 'AUTH_TOKEN', 'refresh-token', 'apiToken', 'X_CSRF_TOKEN', 'id_token',
  'api_key', 'apiKey', 'API_KEY', 'api-key', 'ApiKey', 'access_key', 'encryption_key', 'private_key', 'stripe_api_key',
  'PGPASSWORD', 'REDIS_PASSWORD', 'db.password', 'new_password', 'password2', 'jwt_secret', 'SESSION_SECRET',
]; // prettier-ignore

function leak(kind: string, carrier: string, secret: string, text: string): Leak {
  const start = text.indexOf(MARK) + MARK.length;
  if (start < MARK.length) return { kind, carrier, secret, text };
  const own = text.slice(start, text.indexOf(MARK, start));
  return { kind, carrier, secret: own, text: text.replaceAll(MARK, '') };
}

/** `count` leaks for every kind in every carrier. */
export function leaks(seed: number, count: number): Leak[] {
  const dice = new Dice(seed);
  const all: Leak[] = [];
  for (let i = 0; i < count; i++) {
    for (const [kind, make] of Object.entries(BY_LOOK)) {
      for (const [carrier, carry] of Object.entries(AROUND)) {
        const secret = make(dice);
        all.push(leak(kind, carrier, written(secret, carrier), carry(secret, dice)));
      }
      if (!URL_KINDS.has(kind)) continue;
      for (const [carrier, carry] of Object.entries(IN_URL)) {
        const secret = make(dice).replace(/['+/ ]/g, '');
        const encoded = carrier === 'an encoded query' ? encodeURIComponent(secret) : secret;
        all.push(leak(kind, carrier, encoded, carry(secret, dice)));
      }
    }
    for (const [carrier, carry] of Object.entries(NAMED)) {
      const secret = password(dice);
      const text = carry(dice.pick(NAMES), secret, dice);
      all.push(leak('named', carrier, text.includes(secret) ? secret : secret.replace(/[^A-Za-z0-9._~-]/g, 'x'), text));
    }
    for (const [carrier, carry] of Object.entries(QUOTED)) {
      const secret = dice.below(3) === 0 ? oddPassword(dice) : password(dice);
      all.push(leak('named in quotes', carrier, secret, carry(dice.pick(NAMES), secret, dice)));
    }
    for (const [carrier, carry] of Object.entries(WHOLE)) {
      const secret = password(dice).replace(/[^\w.*!~^+-]/g, 'x');
      all.push(leak('credentials', carrier, secret, carry(secret, dice)));
    }
  }
  return all;
}

/** A secret of several lines is written with `\n` inside of JSON: its first line of data tells whether it survived. */
function written(secret: string, carrier: string): string {
  if (!secret.startsWith('-----BEGIN')) return carrier === 'SQL' ? secret.replaceAll("'", "''") : secret;
  return secret.split(/\r?\n|\\n/)[1] as string;
}

export function harmlessTexts(seed: number, count: number): Harmless[] {
  return textsOf(HARMLESS, seed, count);
}

/** Texts that nearly are secrets. */
export function nearTexts(seed: number, count: number): Harmless[] {
  return textsOf(NEAR, seed, count);
}

function textsOf(makers: Readonly<Record<string, (dice: Dice) => string>>, seed: number, count: number): Harmless[] {
  const dice = new Dice(seed);
  const kinds = Object.entries(makers);
  return Array.from({ length: count }, () => kinds.map(([kind, make]) => ({ kind, text: make(dice) }))).flat();
}

/** Whether the secret, or a half of it, is still there. */
export function survives(shown: string, secret: string): boolean {
  if (secret.length < 12) return shown.includes(secret);
  const half = Math.floor(secret.length / 2);
  return shown.includes(secret.slice(0, half)) || shown.includes(secret.slice(-half));
}
