/** Repeated, each of these makes some rule start, look far, and find nothing. */
export const HOSTILE_UNITS: readonly string[] = [
  ...['a', '1', '-', '.', '@', '=', ':', '"', '<', '>', '~', '%40', '{', '[', '\\', '\n', 'é', 'é@', '::', 'a:a:', '|'],
  ...['a@', '@a.', 'a.a@', '1-', '1 ', '4111 ', '411111111111111 ', '111-11-', 'DE89', 'GB82 WEST ', '1.1.1.1.', '+1 '],
  ...[
    'eyJ-',
    'eyJaaaaaaaaaaaaaaaaaa.',
    'eyJaaaaaaaaaaaaaaaaaa-',
    'BEGIN ',
    '-----BEGIN ',
    'Bearer ',
    'Basic aaa',
    'BEGIN',
  ],
  ...[
    'https://',
    'https://a:',
    'https://a:b',
    'x://a:1/',
    '<password>',
    '--password ',
    '- ',
    'curl -u ',
    'curl -u a ',
    '-p ',
  ],
  ...[
    'password=',
    'password="',
    'password=\\"',
    'password: ',
    '\npassword: ',
    'token: is ',
    '"token":["',
    'token "',
    '\\n',
  ],
  ...[
    'authorization: ',
    'authorization: a',
    'cookie: ',
    'cookie: a',
    'authorization: digest ',
    'password=a.b(',
    'a.token=b.',
  ],
  ...[
    'password=a,',
    'password=)',
    'password=(((',
    'password={',
    '[password]=',
    'secret[',
    '("token", "',
    'value="',
    'pwd={a',
  ],
  ...[
    'glpat-',
    'SG.aaaaaaaaaaaaaaaa',
    'SK',
    'EAAA-',
    'ABSK/',
    'APAx_',
    'AKC',
    't1.a-',
    'sk-ant-a',
    'tskey-a-',
    'A3-',
    '4b1d',
  ],
  ...[
    'Maaaaaaaaaaaaaaaaaaaaaaa.',
    '7Q~',
    'us1',
    'atlasv1.',
    'kind: Secret\n',
    '?code=',
    'card: 1 ',
    'card=1 aaaaaaaa ',
    '_mmk',
  ],
  ...[
    'a:b@tcp(',
    'thin:a/',
    'thin:a/b@',
    "identified by '",
    '["token","',
    'x string = ',
    '$2b$10$',
    '$6$a$',
    '$argon2id$a',
  ],
  ...[
    'password%3D',
    'machine a login b ',
    'password -> ',
    'token => a',
    'ENV TOKEN ',
    '"cookies":{"a',
    'mysql -p',
    '-pa ',
  ],
  ...['password: |\n ', '\npassword: |\n  none', 'token ||= ', 'ssn 111111111 ', '%B1', 'curl -b '],
  ...['00D!', 'hawk.', 'sc_aaaaa.aaaa.', 'pub-c-', 'cmVmd', 'a|', '1111111111111111|', '!vault ', '{{', 'auth="'],
];

/** Of opt-in identifiers. */
export const HOSTILE_IDENTIFIERS: readonly string[] = [
  '12',
  '1 ',
  '123-',
  '0x',
  'bc1q',
  '1a',
  'AA:',
  'A1',
  '12 34 56 ',
  '1.2',
];

/** The fastest of `runs`, in ms: what the machine does besides only ever adds. */
export function hostileTime(policy: { text(text: string): string }, length: number, unit: string, runs = 3): number {
  const hostile = unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
  let best = Infinity;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    policy.text(hostile);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
