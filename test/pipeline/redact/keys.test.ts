import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPolicy } from '../../../src/pipeline/redact/policy.ts';
import { kindOfKey, splitWords } from '../../../src/pipeline/redact/keys.ts';

/** The same two or three words as people write them. */
function styles(words: string): string[] {
  const parts = words.split(' ');
  const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
  return [
    parts.join(' '),
    parts.join('_'),
    parts.join('-'),
    parts.join('.'),
    parts.join('_').toUpperCase(),
    parts.map((word, i) => (i === 0 ? word : capital(word))).join(''),
    parts.map(capital).join(''),
    parts.map(capital).join('-'),
  ];
}

const HIDING: Readonly<Record<string, string>> = {
  password: 'password|passwd|pwd|passphrase|db password|user pass|password hash|new password|password 2|smtp pass',
  secret: 'secret|client secret|secret key|aws secret access key|app secret|webhook secret|recovery codes',
  token: 'token|access token|refresh token|x csrf token|id token|token value|jwt|personal access tokens',
  api_key: 'api key|x api key|access key|access key id|encryption key|subscription key|account key|session key',
  private_key: 'private key|ssh private key',
  authorization: 'authorization|proxy authorization|authorization header',
  cookie: 'cookie|set cookie|session cookie',
  session: 'session id',
  ssn: 'ssn|user ssn|social security number',
  card: 'card number|credit card|card|pan|cc number',
  cvv: 'cvv|cvc|card security code|cvv 2',
  pin: 'pin|pin code|card pin',
  otp: 'otp|verification code|one time code',
  credentials: 'credentials|aws credentials|creds',
  connection_string: 'connection string|db conn str',
};

const SHOWN =
  'monkey|author|tokenizer|token_type|expires_in|has_password|password_reset_sent|cardinality|pinned|tokens_used|' +
  'token_count|max_tokens|next_token|page_token|card_type|card_last4|card_brand|secret_name|password_policy|cookie_consent|' +
  'compass|bypass|passport|passenger|keyboard|primary_key|foreign_key|sort_key|public_key|key|keys|spin|span|pants|pan_zoom|' +
  'session|session.id|session_duration|authorized|authority|auth_method|api|api_version|credit|credit_limit|opinion|' +
  'boarding_pass|first_pass|hash|value|header|is_secret|requires_token|credential_id|otp_sent|user_id|order_id|status';

describe('keys', () => {
  test('R4.1 a secret key hides in every case style', () => {
    for (const [kind, names] of Object.entries(HIDING)) {
      for (const name of names.split('|').flatMap(styles)) {
        // `session.id` is a semantic convention and no credential.
        if (name === 'session.id') continue;
        assert.equal(kindOfKey(name), kind, name);
      }
    }
  });

  test('R4.1 words glued together are known by their ending', () => {
    const glued = [
      'dbpassword',
      'gitlabtoken',
      'xapikey',
      'clientsecret',
      'PGPASSWORD',
      'JSESSIONID',
      'phpsessid',
      'authtoken',
    ];
    for (const name of glued) assert.notEqual(kindOfKey(name), undefined, name);
  });

  test('R4.1 harmless look-alikes stay', () => {
    for (const name of SHOWN.split('|')) assert.equal(kindOfKey(name), undefined, name);
  });

  test('R4.1 users add and except keys, in any style', () => {
    const policy = createPolicy({ keys: ['internal_note', 'ab'], except: ['sessionId', 'x-api-key'] });
    for (const key of ['internalNote', 'INTERNAL-NOTE', 'ab', 'AB']) assert.equal(policy.key(key).hides, 'key');
    for (const key of ['session_id', 'X_API_KEY']) assert.equal(policy.key(key).hides, undefined);
    assert.equal(policy.key('api_key').hides, 'api_key');
    assert.equal(
      policy.text('internal_note=abc ab="x" session_id=abc12345'),
      'internal_note=[REDACTED:key] ab="[REDACTED:key]" session_id=abc12345',
    );
  });

  test('R4.1 a key is split into words once, whatever it is made of', () => {
    assert.deepEqual(splitWords('dbPassword1'), ['db', 'password']);
    assert.deepEqual(splitWords('APIKeyID'), ['api', 'key', 'id']);
    assert.deepEqual(splitWords('x-api_key.v2'), ['x', 'api', 'key', 'v']);
    for (const odd of ['', '__proto__', 'constructor', '😀', '\ud800', '1234', 'a'.repeat(10_000)]) {
      assert.equal(kindOfKey(odd), undefined, odd.slice(0, 20));
    }
  });

  test('R4.2 a secret in a key is hidden, and the key stays unique and judged', () => {
    const policy = createPolicy({});
    assert.deepEqual(policy.key('bob@example.com'), { shown: '[REDACTED:email]', hides: undefined });
    assert.equal(policy.key('bob@example.com token').hides, 'token');
  });

  test('R4.1 keys made of data do not fill the memory', () => {
    const policy = createPolicy({});
    const first = policy.key('key_0');
    for (let i = 1; i < 10_000; i++) policy.key(`key_${i}`);
    assert.equal(policy.key('key_0'), first, 'what came early is remembered');
    assert.notEqual(policy.key('key_9999'), policy.key('key_9999'), 'what came late is judged anew');
  });
});
