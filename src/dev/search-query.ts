/** How typed text becomes a query: every character of it is looked for, none is an operator. */
import type { SQLInputValue } from 'node:sqlite';

/** More words than this narrow nothing further. */
const MAX_WORDS = 32;

/** What lies between white space. SQLite ends a query's text at a NUL, so one separates words too. */
export function searchWords(text: string): string[] {
  return text
    .split(/[\s\0]+/)
    .filter((word) => word !== '')
    .slice(0, MAX_WORDS);
}

/** The condition on `records r`. A word of signs only, such as `***`, is in no full-text index: it is scanned for. */
export function searchQuery(words: string[], hasFullText: boolean): { where: string; values: SQLInputValue[] } {
  if (hasFullText && words.every((word) => /[\p{L}\p{N}]/u.test(word))) {
    return {
      where: 'r.id IN (SELECT rowid FROM records_fts WHERE records_fts MATCH ?)',
      // In quotes it is a phrase of the tokens in it; the star lets the last of them be a beginning.
      values: [words.map((word) => `"${word.replaceAll('"', '""')}"*`).join(' AND ')],
    };
  }
  return {
    where: words.map(() => `r.text LIKE ? ESCAPE '\\'`).join(' AND '),
    values: words.map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`),
  };
}
