import type { Scan } from './scan.ts';
import { isAlnum, isDigit } from './scan.ts';
import { isIP } from 'node:net';

/** Longest text of an address: IPv6 with an embedded IPv4 address, and a zone. */
const MAX_ADDRESS = 64;

/** Of an address with all groups but one written out and the last one left empty. */
const MAX_COLONS = 8;

/** A dotted IPv4 address whose first digit is at `at`. Opt-in: addresses are what most people search logs for. */
export function detectIpv4(scan: Scan, at: number): number {
  const { codes, text } = scan;
  const before = codes[at - 1] ?? 0;
  if (isAlnum(before) || before === 46 || before === 45) return 0;
  let end = at;
  while (end - at < 16 && (isDigit(codes[end] as number) || codes[end] === 46)) end++;
  if (codes[end - 1] === 46) end--;
  const after = codes[end] as number;
  if (isAlnum(after) || (after === 46 && isDigit(codes[end + 1] as number))) return 0;
  return isIP(text.slice(at, end)) === 4 ? scan.hide(at, end, 'ip') : 0;
}

/** An IPv6 address around the colon at `at`, its zone included. Opt-in. */
export function detectIpv6(scan: Scan, at: number): number {
  const { codes, text } = scan;
  const floor = Math.max(scan.covered, at - 4);
  let start = at;
  while (start > floor && isHex(codes[start - 1] as number)) start--;
  const before = codes[start - 1] ?? 0;
  if (isAlnum(before)) return 0;
  // Inside of an address that was judged as a whole already.
  if (before === 58 && (codes[start - 2] === 58 || isHex(codes[start - 2] ?? 0))) return 0;
  let end = at;
  let colons = 0;
  while (end - start < MAX_ADDRESS && (isHex(codes[end] as number) || codes[end] === 58 || codes[end] === 46)) {
    if (codes[end] === 58 && ++colons > MAX_COLONS) return 0;
    end++;
  }
  if (colons < 2) return 0;
  if (codes[end] === 37) {
    const zone = end;
    end++;
    while (end - start < MAX_ADDRESS && isAlnum(codes[end] as number)) end++;
    if (end === zone + 1) end = zone;
  } else if (isAlnum(codes[end] as number)) {
    return 0;
  }
  while (end > at && (codes[end - 1] === 46 || (codes[end - 1] === 58 && codes[end - 2] !== 58))) end--;
  const address = text.slice(start, end);
  // `::` alone is punctuation in too many languages to be an address.
  return address.length > 2 && isIP(address) === 6 ? scan.hide(start, end, 'ip') : 0;
}

function isHex(code: number): boolean {
  return isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
}
