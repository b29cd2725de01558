/** Texts without a secret, which must come out as they went in; each under the name that the measurement reports. */
import type { Dice } from './dice.ts';
import { ALNUM, DIGITS, HEX, LOWER, UPPER } from './dice.ts';
import { almostCard, iban } from './values.ts';

type Make = (dice: Dice) => string;
const json = (value: unknown): string => JSON.stringify(value);
const pickOf =
  (...texts: string[]): Make =>
  (dice) =>
    dice.pick(texts);

export const HARMLESS: Readonly<Record<string, Make>> = {
  uuid: (dice) => dice.pick([dice.uuid(), dice.uuid().toUpperCase(), `{${dice.uuid()}}`, `urn:uuid:${dice.uuid()}`]),
  'uuid in a text': (dice) => `order ${dice.uuid()} for user ${dice.uuid()} accepted`,
  'uuid in JSON': (dice) => json({ id: dice.uuid(), parent_id: dice.uuid(), session_id_hash: 1 }),
  'git sha': (dice) => dice.pick([dice.text(HEX, 40), dice.text(HEX, 7), `commit ${dice.text(HEX, 40)}`]),
  'trace ids': (dice) => `trace_id=${dice.text(HEX, 32)} span_id=${dice.text(HEX, 16)} trace_flags=01`,
  'ids of digits': (dice) => `trace ${dice.text(DIGITS, 32)} span 0${dice.text(DIGITS, 31)}`,
  traceparent: (dice) => `traceparent: 00-${dice.text(HEX, 32)}-${dice.text(HEX, 16)}-01`,
  tracestate: (dice) => `tracestate: rojo=${dice.text(HEX, 16)},congo=t61rcWkgMzE`,
  'iso time': (dice) => new Date(1.6e12 + dice.below(3e11)).toISOString(),
  'epoch ms': (dice) => String(1.6e12 + dice.below(3e11)),
  'epoch us': (dice) => `ts=${1.6e12 + dice.below(3e11)}${dice.text(DIGITS, 3)}`,
  'epoch ns': (dice) => `"timeUnixNano":"${1.6e12 + dice.below(3e11)}${dice.text(DIGITS, 6)}"`,
  version: (dice) =>
    `v${dice.below(20)}.${dice.below(99)}.${dice.below(9_999)}-beta.${dice.below(9)}+${dice.text(HEX, 7)}`,
  'order number': (dice) =>
    dice.pick([`ord_${dice.text(HEX, 8)}`, `ORD-2025-${dice.text(DIGITS, 6)}`, `#${dice.text(DIGITS, 7)}`]),
  sku: (dice) => `SKU ${dice.text(UPPER, 3)}-${dice.text(DIGITS, 4)}-${dice.text(UPPER, 2)}`,
  'long numbers': (dice) => `1${dice.text(DIGITS, dice.between(15, 18))}`,
  'almost a card': almostCard,
  'block id': (dice) =>
    `Deleting block blk_${dice.pick(['', '-'])}${dice.pick(['4', '35'])}${dice.text(DIGITS, dice.pick([16, 18]))} of size ${dice.below(99_999)}`,
  ean: (dice) => `${dice.pick(['EAN ', 'gtin=', 'EAN-13: ', '"barcode":"'])}4${dice.text(DIGITS, 12)}"`,
  terraform: pickOf(
    '  + password = (sensitive value)',
    '  ~ secret_string = (known after apply)',
    '  password = var.db_password',
    '  token = data.aws_eks_cluster_auth.this.token',
  ),
  zookeeper: (dice) => `Processed session termination for sessionid: 0x${dice.text(HEX, 15)}`,
  'git remote with a user': (dice) => `https://bob@git.example.com/team/app-${dice.below(99)}.git`,
  imei: (dice) => `imei 35${dice.text(DIGITS, 13)}`,
  isbn: (dice) => `ISBN 978-3-16-${dice.text(DIGITS, 6)}-0`,
  decimals: (dice) => `ratio 0.${dice.text('456', 16)} in ${dice.below(99)}.${dice.text(DIGITS, 14)} ms`,
  coordinates: (dice) => `at 52.${dice.text(DIGITS, 14)},13.${dice.text(DIGITS, 14)}`,
  'data url': (dice) => `data:image/png;base64,iVBORw0KGgo${dice.text(`${ALNUM}+/`, 120)}==`,
  'source map': (dice) =>
    `{"version":3,"sources":["a.ts"],"mappings":"AAAA,${dice.text(UPPER, 4)};${dice.text(ALNUM, 40)}"}`,
  css: (dice) => `a:hover{color:#${dice.text(HEX, 6)};background:url(/logo@2x.png)}@media (min-width:640px){b{top:0}}`,
  'minified js': (dice) => `function a(b){return b.token=c.token,d.key=e[${dice.below(9)}],f(b.password,b.secret)}`,
  'js code': pickOf(
    'const token = await getToken();',
    'password = input("Password: ")',
    'readonly token?: string;',
    'export type Token = Word | Sign;',
    'const lastToken = node.computed',
    'tokens.map((token) => token.value)',
    'items.find(token => token.type === kind)',
    'this.token("(");',
    'exports.prettyToken = prettyToken;',
    'res.cookie("theme", "dark")',
    'let secret = env::var("SECRET")?;',
    'secret := &corev1.Secret{}',
    'password ||= ENV["DB_PASSWORD"]',
    'token ||= fetch_token',
    '"Authorization": f"Bearer {token}"',
    'if (password !== confirmPassword) throw new Error("mismatch");',
    'const { password, ...rest } = user;',
    'password: Joi.string().required(),',
    'password: z.string().min(8),',
    'token = req.headers.authorization?.split(" ")[1]',
    'apiKey: process.env.API_KEY,',
    'const secret = config.get("jwt.secret");',
    'password = os.environ["DB_PASSWORD"]',
    'private String password;',
    'password VARCHAR(255) NOT NULL,',
    'export type Token = string | undefined;',
    'interface User { password: string; token?: string }',
    'this.token = token;',
    'function login(user, password) {',
    'await this.login(username, password);',
    'token := r.Header.Get("X-Token")',
    'def login(self, username, password=None):',
    'assert token == expected_token',
  ),
  'stack frame': (dice) =>
    `    at Foo.bar (/app/node_modules/@scope/pkg@${dice.below(9)}.1.0/dist/index.js:${dice.below(999)}:${dice.below(99)})`,
  'java frame': (dice) =>
    `\tat com.example.auth.TokenService.verify(TokenService.java:${dice.below(999)}) ~[app.jar:1.0]`,
  'python frame': (dice) => `  File "/app/auth/token.py", line ${dice.below(999)}, in get_password`,
  package: (dice) =>
    dice.pick([`@scope/pkg@${dice.below(9)}.2.3`, `lodash@4.17.${dice.below(30)}`, 'npm i react@latest vite@^5']),
  'ssh target': pickOf(
    'git clone git@github.com:org/repo.git',
    'ssh deploy@bastion',
    'rsync -a x root@10.0.0.1:/srv',
    'git@gitlab.example.com:a/b.git',
  ),
  digest: (dice) => `pulled registry.example.com/app@sha256:${dice.text(HEX, 64)}`,
  etag: (dice) => `ETag: W/"${dice.text(HEX, 32)}"; If-None-Match: "${dice.text(HEX, 32)}"`,
  'integrity hash': (dice) => `integrity sha512-${dice.text(`${ALNUM}+/`, 86)}==`,
  path: (dice) => `/var/lib/docker/overlay2/${dice.text(HEX, 64)}/merged/etc/passwd`,
  'windows path': (dice) => `C:\\Users\\bob\\AppData\\Local\\Temp\\${dice.text(HEX, 8)}.tmp`,
  mime: pickOf(
    'application/vnd.api+json; charset=utf-8',
    'multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW',
  ),
  prometheus: (dice) =>
    `http_requests_total{method="post",code="200",token_type="bearer"} ${dice.below(9_999)} ${1.6e12 + dice.below(3e11)}`,
  pod: (dice) => `pod payments-api-${dice.text(`${LOWER}${DIGITS}`, 10)}-${dice.text(LOWER, 5)} restarted`,
  arn: (dice) => `arn:aws:secretsmanager:eu-west-1:${dice.text(DIGITS, 12)}:secret:prod/db-AbCdEf`,
  'request id': (dice) => `x-amzn-RequestId: ${dice.uuid()} x-amz-id-2 seen`,
  nginx: (dice) =>
    `10.0.0.${dice.below(255)} - - [10/Oct/2025:13:55:36 -0700] "GET /a.gif?v=${dice.below(99)} HTTP/1.1" 200 ${dice.below(9_999)} "-" "Mozilla/5.0 (X11; Linux x86_64)"`,
  url: (dice) =>
    `https://shop.example.com/orders/${dice.text(HEX, 12)}?page=${dice.below(9)}&sort=asc&utm_source=x#top`,
  'url with port': (dice) => `http://10.0.${dice.below(255)}.7:8080/health?key=a`,
  'connection without password': pickOf(
    'postgres://app@db:5432/main',
    'redis://cache:6379/0',
    'mongodb://a:27017,b:27017/x',
    'amqp://localhost',
    'jdbc:postgresql://db/main',
    'Server=db;Integrated Security=true',
  ),
  'sql parameters': pickOf('UPDATE sessions SET token = $1 WHERE id = $2', 'WHERE password = :password AND id = ?'),
  sql: (dice) => `SELECT id, password_hash FROM users WHERE token_id = ${dice.below(999)} AND key IN (1, 2)`,
  'sql schema': pickOf(
    'CREATE TABLE t (id INT PRIMARY KEY, token TEXT NOT NULL)',
    'ALTER TABLE users ADD COLUMN secret TEXT',
    'FOREIGN KEY (user_id) REFERENCES users(id)',
  ),
  prose: pickOf(
    'password is required', 'invalid password: must be longer', 'csrf token missing', 'no api key',
    'password must have at least 8 characters', 'token expired', 'Token expired at 2025-10-11T22:14:15Z',
    'Unexpected token < in JSON at position 0', "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    'SyntaxError: Unexpected token } in JSON', 'the password was changed by the user', 'secret not found: prod/db',
    'Bearer token missing', 'basic authentication required', 'authorization failed', 'Authorization: required',
    'the api key is invalid or expired', 'token: expired', 'password: incorrect', 'password incorrect for user bob',
    'wrong password (attempt 3)', 'reset your password: follow the link', 'two secrets were rotated',
    'password reset requested', 'session expired', 'cookie consent given', 'cookies: disabled', 'access token refreshed',
    'missing required field: password', 'field "password" is required', "key 'token' not found", 'a card was declined',
    'please enter your PIN', 'pin: invalid', 'Passwords do not match.', 'credentials: include', 'token type: bearer',
    'failed to refresh token: invalid_grant', 'error: invalid_token', 'secret: not set', 'API key: not configured',
    'token count: 1024', 'used 512 tokens of 4096', 'the token bucket is empty', 'auth: ok', 'author: Jane Doe',
    'passed: 12, failed: 0', 'Pass: 12', 'pass: 3 of 4', 'PASS src/app.test.ts', 'key: value', 'the key is missing',
  ), // prettier-ignore
  'harmless names': (dice) => {
    const name = dice.pick(HARMLESS_NAMES.split('|'));
    const value = dice.pick(['42', 'orders:42', 'abc', 'true', dice.text(HEX, 8), '"jane"', 'user_id', '1024']);
    return dice.pick([
      `${name}=${value}`,
      `${name}: ${value}`,
      json({ [name]: value, n: 1 }),
      `{ ${name}: '${value}' }`,
    ]);
  },
  'no value': (dice) => {
    const name = dice.pick(['password', 'api_key', 'DB_PASSWORD', 'token', 'client_secret']);
    const value = dice.pick([
      '',
      '""',
      "''",
      'null',
      'undefined',
      '***',
      '********',
      '<redacted>',
      '${DB_PASSWORD}',
      '[REDACTED]',
      '{{ .Values.x }}',
      '$SECRET',
      'None',
      'nil',
      '[FILTERED]',
      'xxxx',
      '[hidden]',
      '%s',
      '{}',
      '(not set)',
    ]);
    return dice.pick([
      `${name}=${value}`,
      `${name}: ${value}`,
      `"${name}": ${/^["'\d[{]/.test(value) ? value.replaceAll("'", '"') : json(value)}`,
    ]);
  },
  'lists of names': pickOf(
    '["password","email","createdAt"]',
    'allowed: ["authorization","content-type","x-api-key"]',
    '{"required":["token","userId"]}',
    "pick(user, ['password', 'lastLoginAt'])",
  ),
  booleans: (dice) =>
    json({ has_password: true, password: dice.pick([true, false, null]), token: null, is_secret: false }),
  'oauth answer': (dice) => json({ token_type: 'bearer', expires_in: dice.below(9_999), scope: 'read write' }),
  'llm usage': (dice) =>
    json({
      usage: { prompt_tokens: dice.below(999), completion_tokens: dice.below(999), total_tokens: 7 },
      max_tokens: 4_096,
    }),
  'public key': (dice) => `-----BEGIN PUBLIC KEY-----\n${dice.text(`${ALNUM}+/`, 64)}\n-----END PUBLIC KEY-----`,
  certificate: (dice) => `-----BEGIN CERTIFICATE-----\nMII${dice.text(`${ALNUM}+/`, 61)}\n-----END CERTIFICATE-----`,
  'ssh public key': (dice) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${dice.text(ALNUM, 43)} bob`,
  durations: (dice) =>
    `took ${dice.below(999)} ms, ${dice.below(99)} of ${dice.below(9_999)} rows, p99 ${dice.below(99)}.${dice.below(999)}`,
  'mac address': (dice) => Array.from({ length: 6 }, () => dice.text(HEX, 2)).join(':'),
  ip: (dice) =>
    `${dice.between(1, 223)}.${dice.below(256)}.${dice.below(256)}.${dice.below(256)}:${dice.between(1_024, 65_535)}`,
  phone: (dice) => `+49 30 ${dice.text(DIGITS, 7)}`,
  ulid: (dice) => `01${dice.text('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 24)}`,
  nanoid: (dice) => `id=${dice.text(`${ALNUM}_-`, 21)}x`,
  objectid: (dice) => `ObjectId("${dice.text(HEX, 24)}")`,
  'session convention': (dice) => json({ 'session.id': dice.uuid() }),
  'base64 payload': (dice) => `payload ${dice.text(`${ALNUM}+/`, 76)}==`,
  'hex dump': (dice) =>
    `00000010  ${Array.from({ length: 16 }, () => dice.text(HEX, 2)).join(' ')}  |................|`,
  table: (dice) => `| ${dice.below(9_999)} | ${dice.below(9_999)} | ${dice.below(9_999)} | ${dice.below(9_999)} |`,
  'many numbers': (dice) => Array.from({ length: 8 }, () => String(dice.between(100, 999))).join(' '),
  'grouped digits': (dice) =>
    `${dice.text(DIGITS, 4)} ${dice.text(DIGITS, 4)} rows, ${dice.between(1, 9)},${dice.text(DIGITS, 3)},${dice.text(DIGITS, 3)}`,
  dates: (dice) =>
    `2025-${String(dice.between(1, 12)).padStart(2, '0')}-${String(dice.between(1, 28)).padStart(2, '0')} to 11.03.2025 or 03/11/25`,
  decorators: pickOf(
    '@Injectable() class A {}',
    '@app.route("/x")',
    'see @types/node@22.1.0',
    'cc @team/backend',
    'user@localhost',
    'a@b',
  ),
  graphql: pickOf(
    'query { user(id: 7) { name, tokens { id } } }',
    'mutation ($password: String!) { login(password: $password) { ok } }',
  ),
  'cli help': pickOf(
    '  --password <password>  the password to use',
    'usage: tool [--token TOKEN] [--verbose]',
    'mysql -u root -p',
    '--api-key=API_KEY  your key',
    'curl -u "$USER:$PASS" https://x',
  ),
  'ci secrets': pickOf(
    'token: ${{ secrets.GITHUB_TOKEN }}',
    'password: $(DB_PASSWORD)',
    'export TOKEN=$TOKEN',
    'API_KEY=%API_KEY%',
    'secret: !vault |',
    'password: {{ vault_db_password }}',
  ),
  'http headers': (dice) =>
    `content-length: ${dice.below(9_999)}\naccept: */*\nx-request-id: ${dice.uuid()}\ncache-control: no-store`,
};

export const HARMLESS_NAMES =
  'token_count|max_tokens|passenger|author|monkey|keyboard|primary_key|foreign_key|cache_key|partition_key|sort_key|public_key|' +
  'secretary|compass|bypass|tokenizer|token_type|expires_in|has_password|cardinality|pinned|tokens_used|page_token|next_token|' +
  'card_type|card_brand|password_policy|cookie_consent|passport_required|spin|span|pants|session_duration|authorized|authority|' +
  'auth_method|api_version|credit_limit|opinion|boarding_pass|hash|header|is_secret|requires_token|routing_key|' +
  'row_key|object_key|key_id|sorting_keys|key_count|password_reset_sent|password_changed_at|secret_name|secret_version|' +
  'cookie_name|keypath|keyword|keywords|hotkey|turkey|donkey|tokens|tokenized|discard|dashboard_card|pincode_valid|shipping|' +
  'mapping|pan_zoom|japan|span_id|compassion|passive|bypass_cache|passed|trespass|encompass|cvs|csv|authorship|credits';

/** Texts that nearly are secrets: a wrong checksum, a length of one too few, a prefix alone. */
export const NEAR: Readonly<Record<string, Make>> = {
  'card that fails Luhn': almostCard,
  'iban that fails mod 97': (dice) => iban(dice).replace(/^(..)(\d\d)/, (_all: string, country: string, check: string) => country + String((Number(check) + 1) % 97).padStart(2, '0')),
  'ssn of no area': (dice) => `${dice.pick(['000', '666', '9'.padEnd(3, dice.text(DIGITS, 2))])}-${dice.text('123456789', 2)}-${dice.text('123456789', 4)}`,
  'prefix alone': (dice) => dice.pick(['ghp_', 'glpat-', 'sk_live_', 'AKIA', 'xoxb-', 'AIza', 'hf_', 'npm_', 'SG.', 'eyJ', 'sk-ant-', 'dop_v1_']),
  'too short': (dice) => dice.pick(['ghp_', 'glpat-', 'sk_live_', 'AKIA', 'xoxb-', 'AIza', 'hf_', 'npm_', 'SG.', 'eyJ', 'dop_v1_']) + dice.text(HEX, 5),
  'key of words': (dice) => dice.pick(['hf_hub_download', 'npm_config_registry', 'sk-learn', 'key-value-store-backend', 's.replace', 'sl.index', 'pat.match', 'rnd_seed', 're_compile']),
  'jwt of one part': (dice) => `eyJ${dice.text(ALNUM, 30)}`,
  'not mail': (dice) => dice.pick(['user@', '@user', 'a@b', 'user@host', 'x@2x.png', 'user at example.com', 'a@b..c', `${dice.text(LOWER, 5)}@`]),
  'pem of a public key': () => '-----BEGIN RSA PUBLIC KEY-----\nMIIBCgKCAQEA\n-----END RSA PUBLIC KEY-----',
  'url with an at sign': (dice) => `https://medium.example.com/@${dice.text(LOWER, 6)}/post-${dice.text(HEX, 12)}`,
}; // prettier-ignore
