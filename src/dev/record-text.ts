/** Values as the store keeps them: JSON to give back, and plain text to search in. */
import { isUtf8 } from 'node:buffer';
import type { LogRecord, Value, ValueMap } from './otlp-model.ts';

/** What JSON lacks becomes a string: a bigint its digits, bytes base64, NaN and the infinities their names. */
export function toJson(value: Value): string {
  return JSON.stringify(value, (_key, item: Value): unknown => {
    if (typeof item === 'bigint') return String(item);
    if (typeof item === 'number' && !Number.isFinite(item)) return String(item);
    return item instanceof Uint8Array ? Buffer.from(item).toString('base64') : item;
  });
}

/**
 * Text as a column can hold it: NUL becomes the sign U+2400, for SQLite's LIKE and Node 22.15 take NUL for the
 * end of the text, and what lies behind one would be out of every search's sight.
 */
export function columnText(text: string): string {
  return text.replaceAll('\0', '\u2400');
}

/** A text body stays as it is; a structured one becomes JSON, an absent one ''. */
export function bodyText(body: Value): string {
  if (body === null) return '';
  return typeof body === 'string' ? body : toJson(body);
}

/**
 * All that a record says, one `path=value` a line, with strings unescaped: what is looked for is found as it
 * was written, where JSON would have put a backslash into it.
 */
export function searchText(record: LogRecord): string {
  const lines: string[] = [];
  if (record.eventName !== '' && record.eventName !== record.body) lines.push(record.eventName);
  if (record.body !== null) appendLines(lines, '', record.body);
  appendLines(lines, '', record.attributes);
  return lines.join('\n');
}

/** The same for the attributes of a resource or scope. */
export function mapText(map: ValueMap): string {
  const lines: string[] = [];
  appendLines(lines, '', map);
  return lines.join('\n');
}

function appendLines(lines: string[], path: string, value: Value): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) => appendLines(lines, `${path}[${index}]`, item));
  } else if (value instanceof Uint8Array) {
    // Bytes are mostly text in a Buffer, and a secret in one must be found too.
    lines.push(assigned(path, Buffer.from(value).toString(isUtf8(value) ? 'utf8' : 'base64')));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) appendLines(lines, path === '' ? key : `${path}.${key}`, item);
  } else {
    lines.push(assigned(path, value === null ? '' : String(value)));
  }
}

function assigned(path: string, text: string): string {
  return path === '' ? text : `${path}=${text}`;
}
