/** A secret that is found again wherever it turns up, whole or in part, as it is or in base64. */

const HEAD = 'c4n4ry';
const TAIL = '9Lm7q';

/** @param road letters; tells where a secret that was found came from */
export function canary(road: string): string {
  return `${HEAD}${road}${TAIL}`;
}

/** Which canaries, or which parts of them, stand in these bytes. */
export function canariesIn(bytes: Buffer | string): string[] {
  const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
  const found = new Set(whole(text));
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{16,}/g)) {
    for (const road of whole(Buffer.from(run, 'base64').toString('latin1'))) found.add(road);
  }
  return [...found].sort();
}

function whole(text: string): string[] {
  const parts = [...text.matchAll(/c4n4ry([a-z_]*)/g)].map(([, road]) => road ?? '');
  // Its end alone tells too much as well, but not of which road.
  return text.includes(TAIL) && parts.length === 0 ? ['an end'] : parts;
}
