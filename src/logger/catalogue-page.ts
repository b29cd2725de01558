import type { DeclaredEvent, DeclaredEvents, DeclaredField } from '../core/event-catalogue.ts';
import { typeText } from '../core/event-check.ts';

/** A catalogue as a page in Markdown: an overview, then each event by name. The same text for the same declarations. */
export function cataloguePage(declared: DeclaredEvents): string {
  const events = sorted(declared);
  const rows = events.map((event) =>
    row([`[\`${event.name}\`](#${anchor(event.name)})`, event.level, event.owner ?? '–', event.description ?? '–']),
  );
  return [
    '# Events',
    '',
    '<!-- Made by `spanlog events`; changes belong to the catalogue. -->',
    '',
    row(['event', 'level', 'owner', 'what has happened']),
    row(['---', '---', '---', '---']),
    ...rows,
    ...events.flatMap(section),
    '',
  ].join('\n');
}

function section(event: DeclaredEvent): string[] {
  const facts = [`Level ${event.level}.`];
  if (event.owner !== undefined) facts.push(`Owner: ${cell(event.owner)}.`);
  if (event.retention !== undefined) facts.push(`Retention: \`${event.retention}\`.`);
  if (event.audit) facts.push('Goes to the audit stream.');
  const fields = [...event.fields].sort(byName).map(fieldRow);
  return [
    '',
    `## ${event.name}`,
    '',
    ...(event.description === undefined ? [] : [cell(event.description), '']),
    facts.join(' '),
    ...(fields.length === 0
      ? []
      : ['', row(['field', 'type', 'class', 'what it is']), row(['---', '---', '---', '---']), ...fields]),
  ];
}

function fieldRow([name, field]: readonly [string, DeclaredField]): string {
  const type = `\`${typeText(field)}\`${field.optional ? ', optional' : ''}`;
  return row([`\`${name}\``, type, field.class ?? '–', field.description ?? '–']);
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** On one line, and without what would end a cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}

/** As GitHub makes them of headings. */
function anchor(name: string): string {
  return name.toLowerCase().replaceAll('.', '');
}

export function sorted(declared: DeclaredEvents): readonly DeclaredEvent[] {
  return [...declared.values()].sort((a, b) => byName([a.name], [b.name]));
}

/** By code units, so that no machine's language changes the order. */
export function byName([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
