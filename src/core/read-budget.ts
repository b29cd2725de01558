import { cutText } from './detached-text.ts';
import type { ValuePolicy } from './value-policy.ts';

/** How much of one value is looked at and kept. */

/** How far past a cut a text is still looked at, so that a secret that straddles the cut is seen whole. */
export const SCAN_MARGIN = 512;
export const MAX_KEY_LENGTH = 1_024;
/** Entries up to which a search through the keys is faster than a set of them. */
export const SMALL_MAP = 16;
/** Kept of the message of an error that reading a value threw. */
export const MAX_COMPLAINT_LENGTH = 200;
/** A card has 12 to 19 digits; a shorter number is never looked at. */
const SMALLEST_SCANNED_NUMBER = 100_000_000_000;

/**
 * The first `keep` UTF-16 units of a text, redacted. Where the text goes on past what was looked at, the end of it may hold
 * half a secret that no rule could see, so it is looked at but never shown.
 */
export function redactedStart(policy: Pick<ValuePolicy, 'text'>, text: string, keep: number): string {
  const seen = keep + SCAN_MARGIN;
  if (text.length <= seen) return cutText(policy.text(text), keep);
  return startOf(policy.text(text.slice(0, seen)), keep);
}

/** What is kept of a redacted text whose original went on: at most `keep` units, without the margin at its end. */
export function startOf(shown: string, keep: number): string {
  return cutText(shown, Math.max(0, Math.min(keep, shown.length - SCAN_MARGIN)));
}

/** What is left for others of a budget that one value may use up: a sixteenth. */
export function shareOf(left: number): number {
  return left > 0 ? left >>> 4 : 0;
}

/** True for numbers too short to be a card; NaN is none of them. */
export function isUnscanned(value: number): boolean {
  return value > -SMALLEST_SCANNED_NUMBER && value < SMALLEST_SCANNED_NUMBER;
}
