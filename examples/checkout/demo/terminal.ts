/** How the demo's own text looks: headings, columns, colours where the terminal has them. */
import { stripVTControlCharacters, styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** Columns to fill: those of the terminal, or what fits a page of a build log. */
export function terminalWidth(): number {
  return process.stdout.isTTY ? Math.max(60, process.stdout.columns) : 120;
}

/** Coloured where stdout is a terminal that wants it (`NO_COLOR`, `FORCE_COLOR`). */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export function heading(title: string): string {
  return `\n${paint('bold', `── ${title} ${'─'.repeat(Math.max(3, Math.min(100, terminalWidth()) - title.length - 4))}`)}`;
}

/** A remark of the demo between the lines of the services. */
export function remark(text: string): string {
  return paint('cyan', `── ${text}`);
}

export function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - visibleLength(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - visibleLength(text))) + text;
}

/** `text` in at most `width` columns, with an ellipsis where it was cut; colours take no columns. */
export function cut(text: string, width: number): string {
  if (visibleLength(text) <= width) return text;
  let shown = '';
  let columns = 0;
  for (const [piece] of text.matchAll(/\x1b\[[\d;]*m|[\s\S]/gu)) {
    if (piece.startsWith('\x1b[')) {
      shown += piece;
    } else if (columns < width - 1) {
      shown += piece;
      columns++;
    }
  }
  return `${shown}…`;
}

/** Columns of `time | level | service | pid | request | event` in a line of a service, and their widths here. */
const LINE = /^(.*?) \| (.*?) \| (.*?) \| (.*?) \| (.*?) \| /;
const SERVICE_WIDTH = 8;
const REQUEST_WIDTH = 12;

/**
 * A line of a service as a terminal shows it best: without date and pid, in columns over all services, and cut where it
 * would wrap. Lines of a stack stay as they are.
 */
export function fit(line: string, width: number): string {
  const shorter = line.replace(LINE, (_, time: string, level: string, service: string, _pid, request: string) =>
    [
      time.replace(/\d{4}-\d\d-\d\dT([\d:.]+)Z/, '$1'),
      level,
      padEnd(service, SERVICE_WIDTH),
      padEnd(request, REQUEST_WIDTH),
      '',
    ].join(' | '),
  );
  return cut(shorter, width);
}

/** `words` in lines of at most `width` columns. */
export function wrap(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && visibleLength(line) + 1 + visibleLength(word) > width) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** Rows in columns as wide as their widest cell; `right` names the columns of figures. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, i) => Math.max(widest[i] ?? 0, visibleLength(cell))),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, i) => (right.includes(i) ? padStart(cell, widths[i] ?? 0) : padEnd(cell, widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
