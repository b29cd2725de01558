/**
 * How people, programs and files write a secret down: around a value that shows what it is by its look, and after a name.
 * Each carrier has a name, under which the measurement reports what it found.
 */
import type { Dice } from './dice.ts';
import { ALNUM, HEX } from './dice.ts';

export type Carry = (value: string, dice: Dice) => string;

const json = (value: unknown): string => JSON.stringify(value);

/** Around a value that is known by its look. */
export const AROUND: Readonly<Record<string, Carry>> = {
  alone: (value) => value,
  sentence: (value) => `payment failed for ${value} (declined)`,
  'end of a sentence': (value) => `we could not use ${value}.`,
  'start of a sentence': (value) => `${value} was refused, 3 attempts left`,
  'in parentheses': (value) => `refused (${value})`,
  'in brackets': (value) => `[${value}]`,
  'in quotes': (value, dice) => dice.pick([`got '${value}'`, `got "${value}"`, `got \`${value}\``, `got “${value}”`]),
  'after a colon': (value, dice) => dice.pick([`value: ${value}`, `input:${value}`, `seen -> ${value}`]),
  'with commas': (value) => `7,${value},ok`,
  CSV: (value) => `id,value,state\n7,"${value}",ok\n8,${value},late`,
  TSV: (value) => `7\t${value}\tok`,
  pipes: (value) => `7|${value}|ok`,
  logfmt: (value) => `level=info msg="it failed" detail=${json(value)} n=1`,
  'a field': (value) => `a=1 b=${value} c=3`,
  JSON: (value) => json({ id: 7, data: { note: value }, list: [1, 2] }),
  'JSON array': (value) => json(['a', value, 7]),
  'pretty JSON': (value) => JSON.stringify({ id: 7, data: { note: value } }, null, 2),
  'JSON in JSON': (value) => json({ body: json({ note: value, n: 1 }) }),
  'JSON in JSON in JSON': (value) => json(json({ body: json({ note: value }) })),
  YAML: (value) => `id: 7\nnote: ${value.includes('\n') ? json(value) : value}\nregion: eu`,
  'a stack trace': (value) => `Error: bad input ${value}\n    at charge (file:///app/src/charge.js:12:7)`,
  SQL: (value) => `INSERT INTO t (id, note) VALUES (7, '${value.replaceAll("'", "''")}');`,
  'SQL parameters': (value) => `select * from t where a = $1 -- params: ['${value}', 7]`,
  XML: (value) => `<order><note>${value}</note><id>7</id></order>`,
  'an attribute': (value) => `<input type="text" value="${value}" name="note"/>`,
  HTML: (value) => `<p>Your value ${value} was refused<br/></p>`,
  'several lines': (value) => `first\n${value}\nlast`,
  'CR LF': (value) => `first\r\n${value}\r\nlast`,
  'escaped lines': (value) => `first\\n${value}\\nlast`,
  'Python dict': (value) => `{'id': 7, 'note': '${value}', 'ok': True}`,
  'Go struct': (value) => `{ID:7 Note:${value} OK:true}`,
  'Ruby hash': (value) => `{:id=>7, :note=>"${value}"}`,
  markdown: (value) => `**note**: \`${value}\``,
  'other alphabets': (value, dice) => dice.pick([`Zahlung für ${value} – später`, `值 ${value} 好`, `➜ ${value} ✓`]),
  emoji: (value) => `💳 ${value} 😀`,
  'no-break space': (value) => `value\u00a0${value}\u00a0seen`,
  nginx: (value) => `10.0.0.7 - - [10/Oct/2025:13:55:36 +0000] "POST /x HTTP/1.1" 400 12 "-" "${value}"`,
  syslog: (value) => `<34>1 2025-10-11T22:14:15.003Z host app 77 ID47 - got ${value}`,
  'template literal': (value) => `const note = \`${value}\`;`,
  'Java call': (value) => `client.setNote("${value}");`,
};

/** Around a value that is known by its look, where it stands in a URL; the value is written as it is. */
export const IN_URL: Readonly<Record<string, Carry>> = {
  'a path': (value) => `GET /v1/items/${value}/details 404`,
  'a query': (value) => `https://api.example.com/v1/find?q=${value}&page=2`,
  'an encoded query': (value) => `https://api.example.com/v1/find?page=2&q=${encodeURIComponent(value)}`,
  'a fragment': (value) => `https://app.example.com/#/find/${value}`,
};

const URL_SIGNS = /[^A-Za-z0-9._~-]/g;

/** After a name, as far as the value holds nothing that ends a bare value. */
export const NAMED: Readonly<Record<string, (name: string, value: string, dice: Dice) => string>> = {
  'name=value': (name, value) => `${name}=${value}`,
  'name = value': (name, value) => `${name} = ${value}`,
  'name: value': (name, value) => `${name}: ${value}`,
  'in a sentence': (name, value) => `connecting with ${name}=${value}, retrying`,
  'at its end': (name, value) => `connecting with ${name}=${value}.`,
  'in parentheses': (name, value) => `login failed (${name}=${value})`,
  query: (name, value) =>
    `GET /login?user=7&${encodeURIComponent(name)}=${value.replace(URL_SIGNS, 'x')}&next=%2F HTTP/1.1`,
  'first of a query': (name, value) =>
    `https://x.example.com/a?${encodeURIComponent(name)}=${value.replace(URL_SIGNS, 'x')}`,
  fragment: (name, value) =>
    `https://x.example.com/cb#${name.replace(/ /g, '_')}=${value.replace(URL_SIGNS, 'x')}&state=7`,
  'form body': (name, value) => `user=bob&${encodeURIComponent(name)}=${value.replace(URL_SIGNS, 'x')}&remember=1`,
  'env file': (name, value) => `PORT=80\n${name}=${value}\nHOST=db`,
  export: (name, value) => `export ${name}=${value}`,
  'docker -e': (name, value) => `docker run -e ${name}=${value} -p 80:80 app:1`,
  Dockerfile: (name, value) => `ENV ${name}=${value}`,
  'PowerShell env': (name, value) => `$env:${name.replace(/[ .-]/g, '_')} = "${value}"`,
  'set command': (name, value) => `set ${name.replace(/ /g, '_')}=${value}`,
  YAML: (name, value) => `id: 7\n${name}: ${value}\nregion: eu`,
  'nested YAML': (name, value) => `db:\n  host: x\n  ${name}: ${value}\n  port: 5432`,
  'YAML list': (name, value) => `env:\n  - ${name}=${value}\n  - PORT=80`,
  logfmt: (name, value) => `level=info msg="it failed" ${name.replace(/ /g, '_')}=${value} n=1`,
  properties: (name, value) => `spring.datasource.${name.replace(/ /g, '-')}=${value}\nspring.x=1`,
  header: (name, value) => `X-${name.replace(/[ _]/g, '-')}: ${value}`,
  'CLI flag': (name, value) => `tool --${name.replace(/[ _.]/g, '-')} ${value} --verbose`,
  'CLI flag with =': (name, value) => `tool --${name.replace(/[ .]/g, '-')}=${value} --verbose`,
  XML: (name, value) => `<${name.replace(/ /g, '')}>${value.replace(/[<>&]/g, '')}</${name.replace(/ /g, '')}>`,
  'YAML block': (name, value) => `id: 7\n${name}: |\n  ${value}\nregion: eu`,
  'folded YAML block': (name, value) => `db:\n  ${name}: >-\n    ${value}\n  port: 1`,
  'Dockerfile without =': (name, value) => `Step 4/9 : ENV ${name.replace(/[ .-]/g, '_')} ${value}`,
  'Java property': (name, value) => `java -D${name.replace(/ /g, '')}=${value} -jar app.jar`,
  'Go struct': (name, value) => `{User:bob ${name.replace(/[ .-]/g, '')}:${value} Port:5432}`,
  'Java toString': (name, value) => `Config{user=bob, ${name.replace(/[ .-]/g, '_')}=${value}, port=5432}`,
};

/** After a name, in quotes: the value may hold any sign but the quote itself. */
export const QUOTED: Readonly<Record<string, (name: string, value: string, dice: Dice) => string>> = {
  'double quotes': (name, value) => `${name}="${value}"`,
  'single quotes': (name, value) => `${name} = '${value}'`,
  backticks: (name, value) => `${name}: \`${value}\``,
  JSON: (name, value) => json({ id: 7, [name]: value, ok: true }),
  'nested JSON': (name, value) => json({ a: { b: [{ [name]: value }] } }),
  'pretty JSON': (name, value) => JSON.stringify({ user: 'bob', [name]: value, port: 5432 }, null, 2),
  'JSON in JSON': (name, value) => json({ body: json({ [name]: value, n: 1 }) }),
  'JSON in JSON in JSON': (name, value) => json(json({ body: json({ [name]: value }) })),
  'object literal': (name, value) => `{ user: 'bob', ${/^\w+$/.test(name) ? name : `'${name}'`}: '${value}', port: 1 }`,
  'util.inspect': (name, value) => `{\n  user: 'bob',\n  ${/^\w+$/.test(name) ? name : `'${name}'`}: '${value}'\n}`,
  'Python dict': (name, value) => `{'user': 'bob', '${name}': '${value}', 'ok': True}`,
  'Python call': (name, value) => `connect(host='x', ${name.replace(/[ .-]/g, '_')}='${value}', port=1)`,
  'Python bytes': (name, value) => `{'${name}': b'${value}', 'n': 1}`,
  'Python unicode': (name, value) => `${name.replace(/[ .-]/g, '_')}=u"${value}", n=1`,
  'Ruby default': (name, value) => `@${name.replace(/[ .-]/g, '_')} ||= '${value}'`,
  'Ruby hash': (name, value) => `{:user=>"bob", :${name.replace(/[ .-]/g, '_')}=>"${value}"}`,
  'Ruby hash with strings': (name, value) => `{"user" => "bob", "${name}" => "${value}"}`,
  'PHP array': (name, value) => `['user' => 'bob', '${name}' => '${value}']`,
  'PHP define': (name, value) => `define('${name}', '${value}');`,
  'PHP property': (name, value) => `$this->${name.replace(/[ .-]/g, '_')} = '${value}';`,
  Go: (name, value) => `${name.replace(/[ .-]/g, '')} := "${value}"`,
  'Go typed': (name, value) => `var ${name.replace(/[ .-]/g, '')} string = "${value}"`,
  Java: (name, value) => `private static final String ${name.replace(/[ .-]/g, '_')} = "${value}";`,
  'Java put': (name, value) => `props.put("${name}", "${value}");`,
  'C#': (name, value) => `string ${name.replace(/[ .-]/g, '')} = "${value}";`,
  'TypeScript type': (name, value) => `const ${name.replace(/[ .-]/g, '_')}: string = '${value}';`,
  Rust: (name, value) => `let ${name.replace(/[ .-]/g, '_')}: &str = "${value}";`,
  Terraform: (name, value) => `  ${name.replace(/[ .-]/g, '_')}   = "${value}"`,
  TOML: (name, value) => `[db]\n${name.replace(/ /g, '_')} = "${value}"\nport = 1`,
  'YAML in quotes': (name, value) => `id: 7\n${name}: "${value}"\nregion: eu`,
  'name and value': (name, value) => json({ env: [{ name, value }] }),
  'key and value': (name, value) => json([{ key: name, value, enabled: true }]),
  'Kubernetes env': (name, value) => `env:\n  - name: ${name}\n    value: "${value}"\n  - name: PORT`,
  'app settings': (name, value) => `<add key="${name}" value="${value}" />`,
  attribute: (name, value) => `<db user="bob" ${name.replace(/[ .]/g, '-')}="${value}" port="1"/>`,
  'header object': (name, value) => `{ 'content-type': 'text/plain', 'x-${name.replace(/[ _.]/g, '-')}': '${value}' }`,
  'CLI flag': (name, value) => `tool --${name.replace(/[ _.]/g, '-')} "${value}" --verbose`,
  'CLI flag with =': (name, value) => `tool --${name.replace(/[ .]/g, '-')}='${value}' --verbose`,
  logfmt: (name, value) => `level=info ${name.replace(/ /g, '_')}="${value}" n=1`,
  'Groovy colon': (name, value) => `[user: "bob", ${name.replace(/[ .-]/g, '_')}: "${value}"]`,
};

/** Whole texts of which only one part is the secret, which is not after a name of its own. */
export const WHOLE: Readonly<Record<string, (value: string, dice: Dice) => string>> = {
  'url userinfo': (value, dice) =>
    `connect ${dice.pick(SCHEMES)}://app:${plain(value)}@${dice.pick(['db.internal', '10.0.0.7', '[::1]'])}:5432/main failed`,
  'url userinfo without user': (value) => `redis://:${plain(value)}@cache:6379/0`,
  'several hosts': (value) => `mongodb://app:${plain(value)}@a.db:27017,b.db:27017/main?replicaSet=rs0`,
  'git remote': (value) => `fatal: unable to access 'https://bob:${plain(value)}@git.example.com/a.git/'`,
  'JDBC query': (value) => `jdbc:postgresql://db:5432/main?user=app&password=${plain(value)}&ssl=true`,
  'JDBC semicolons': (value) => `jdbc:sqlserver://db:1433;databaseName=x;user=sa;password=${plain(value)};encrypt=true`,
  'JDBC Oracle': (value) => `jdbc:oracle:thin:app/${plain(value)}@db:1521:ORCL`,
  'ADO.NET': (value) => `Server=tcp:db,1433;User ID=sa;Password=${plain(value)};Encrypt=True`,
  'ADO.NET Pwd': (value) => `Data Source=db;Initial Catalog=x;uid=sa;pwd=${plain(value)}`,
  ODBC: (value) => `Driver={ODBC Driver 17};Server=db;Uid=sa;Pwd={${plain(value)}};`,
  'libpq words': (value) => `host=db port=5432 user=app password=${plain(value)} dbname=main sslmode=require`,
  'libpq quoted': (value) => `host=db user=app password='${plain(value)} x' dbname=main`,
  'MySQL DSN': (value) => `app:${plain(value)}@tcp(db:3306)/main?parseTime=true`,
  'Azure Storage': (_value, dice) =>
    `DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${secretOf(dice)};EndpointSuffix=core.windows.net`,
  'Azure Service Bus': (_value, dice) =>
    `Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey=${secretOf(dice)}`,
  'Azure SAS': (_value, dice) =>
    `https://x.blob.core.windows.net/c/b?sv=2022-11-02&sp=r&sig=${encodeURIComponent(secretOf(dice))}`,
  'S3 presigned': (_value, dice) =>
    `https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=60&X-Amz-Signature=${secretOf(dice, HEX)}`,
  'GCS presigned': (_value, dice) =>
    `https://storage.googleapis.com/b/k?X-Goog-Expires=60&X-Goog-Signature=${secretOf(dice, HEX)}`,
  'authorization bearer': (_value, dice) =>
    dice.pick(['Authorization: Bearer ', 'authorization=Bearer ', 'sent bearer ', 'Proxy-Authorization: Bearer ']) +
    secretOf(dice),
  'authorization token': (_value, dice) =>
    `Authorization: ${dice.pick(['token', 'Token', 'ApiKey', 'Basic', 'Negotiate', 'GenieKey'])} ${secretOf(dice)}`,
  'authorization in JSON': (_value, dice) => json({ headers: { Authorization: `Bearer ${secretOf(dice)}` } }),
  'authorization pair': (_value, dice) => json([['authorization', `Bearer ${secretOf(dice)}`]]),
  'authorization list': (_value, dice) => json({ authorization: [`Bearer ${secretOf(dice)}`] }),
  'authorization raw': (_value, dice) => json(['authorization', secretOf(dice)]),
  'header pair': (_value, dice) =>
    json([
      ['content-type', 'text/plain'],
      ['x-api-key', secretOf(dice)],
    ]),
  'raw headers': (_value, dice) => json(['Host', 'x', 'X-Auth-Token', secretOf(dice), 'Accept', '*/*']),
  'header option': (_value, dice) => `curl -H 'X-Api-Key: ${secretOf(dice)}' https://x.example.com/`,
  'authorization AWS': (_value, dice) =>
    `Authorization: AWS4-HMAC-SHA256 Credential=AK/20250101/eu/s3/aws4_request, SignedHeaders=host, Signature=${secretOf(dice, HEX)}`,
  'authorization digest': (_value, dice) =>
    `Authorization: Digest username="bob", realm="x", nonce="abc", response="${secretOf(dice, HEX)}"`,
  'authorization alone': (_value, dice) => `authorization: ${secretOf(dice)}`,
  'curl header': (_value, dice) => `curl -s -H "Authorization: Bearer ${secretOf(dice)}" https://api.example.com/`,
  'curl -u': (value) => `curl -X POST -u bob:${plain(value)} https://api.example.com/`,
  'curl --user': (value) => `curl --user 'bob:${plain(value)}' https://api.example.com/`,
  'curl --user=': (value) => `curl --user="bob:${plain(value)}" https://api.example.com/`,
  'mysql --password': (value) => `mysql -u root --password=${plain(value)} -h db`,
  'redis-cli -a': (value) => `redis-cli -h cache --pass ${plain(value)} ping`,
  'sshpass -p': (value) => `sshpass -p '${plain(value)}' ssh bob@host`,
  PGPASSWORD: (value) => `PGPASSWORD=${plain(value)} psql -h db -U app`,
  'mysql -p': (value) => `mysql -u root -p${plain(value)} -h db app`,
  'sqlcmd -P': (value) => `sqlcmd -S db -U sa -P ${plain(value)} -Q x`,
  requirepass: (value) => `redis-server --requirepass ${plain(value)}`,
  netrc: (value) => `machine git.example.com login bob password ${plain(value)}`,
  'key as user': (_value, dice) => `https://a1${secretOf(dice)}:x-oauth-basic@git.example.com/a.git`,
  'curl -b': (_value, dice) => `curl -b "sid=${secretOf(dice)}" https://api.example.com/`,
  'cookies in JSON': (_value, dice) => json({ cookies: { theme: 'dark', sid: secretOf(dice) } }),
  'query in HTML': (_value, dice) => `<a href="https://x.example.com/?a=b&amp;key=7a${secretOf(dice)}">x</a>`,
  'query in a query': (_value, dice) => `GET /login?next=%2Fcb%3Fa%3D1%26access_token%3D7a${secretOf(dice)}%26n%3D1`,
  'code in a fragment': (_value, dice) => `https://x.example.com/cb#code=7a${secretOf(dice)}&state=7`,
  cookie: (_value, dice) => `Cookie: theme=dark; sid=${secretOf(dice)}; lang=en`,
  'set-cookie': (_value, dice) => `Set-Cookie: session=${secretOf(dice)}; Path=/; HttpOnly; Secure`,
  'set-cookie in JSON': (_value, dice) => json({ 'set-cookie': [`sid=${secretOf(dice)}; Path=/`] }),
  'SQL user': (value) => `CREATE USER app WITH PASSWORD '${plain(value)}';`,
  'SQL identified': (value) => `ALTER USER 'app'@'%' IDENTIFIED BY '${plain(value)}';`,
  'SQL set': (value) => `UPDATE users SET password = '${plain(value)}' WHERE id = 7`,
  npmrc: (_value, dice) => `//registry.npmjs.org/:_authToken=${secretOf(dice)}`,
  'docker config': (_value, dice) => json({ auths: { 'https://index.docker.io/v1/': { auth: secretOf(dice) } } }),
  'Kubernetes Secret': (_value, dice) =>
    `apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ntype: Opaque\ndata:\n  config: ${secretOf(dice)}\n`,
  'basic in URL-encoding': (_value, dice) => `authorization=Basic%20${secretOf(dice)}`,
  'OAuth callback': (_value, dice) => `GET /cb?code=${secretOf(dice)}&state=xyz HTTP/1.1`,
  'OAuth fragment': (_value, dice) => `https://x.example.com/cb#access_token=${secretOf(dice)}&token_type=bearer`,
  'client assertion': (value) => `grant_type=password&username=bob&password=${plain(value)}&client_secret=abc`,
};

const SCHEMES = [
  'https', 'http', 'postgres', 'postgresql', 'mysql', 'mongodb+srv', 'redis', 'rediss', 'amqp', 'amqps', 'jdbc:mysql',
  'mariadb', 'mssql', 'clickhouse', 'cockroachdb', 'smtp', 'ftp', 'sftp', 'ldap', 'nats', 'mqtt', 'elasticsearch+http',
  'kafka', 'cassandra', 'neo4j+s', 'bolt', 'socks5', 'postgresql+psycopg2', 'mysql+pymysql', 'snowflake',
]; // prettier-ignore

/** Without the signs that separate in a URL or a connection string. */
function plain(value: string): string {
  return value.replace(/[^\w.*!~^+-]/g, 'x');
}

/** Stands around the secret of carriers that make their own, so that the measurement finds it and takes the marks away. */
export const MARK = 'zqXzq';

function secretOf(dice: Dice, alphabet: string = ALNUM): string {
  return MARK + dice.text(alphabet, dice.between(32, 64)) + MARK;
}
