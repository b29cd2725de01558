import { fieldName } from '../encode/line-fields.ts';
import type { DeclaredEvent, DeclaredEvents, DeclaredField } from '../core/event-catalogue.ts';
import { byName, sorted } from './catalogue-page.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * A JSON Schema (draft 2020-12) of a record as JSON lines carry it: one definition for each event, chosen by `event`. A
 * line has more fields than an event declares (time, logger, those of the request), so others are allowed.
 */
export function catalogueSchema(declared: DeclaredEvents): JsonSchema {
  const events = sorted(declared);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Events',
    oneOf: events.map(({ name }) => ({ $ref: `#/$defs/${name}` })),
    $defs: Object.fromEntries(events.map((event) => [event.name, eventSchema(event)])),
  };
}

function eventSchema(event: DeclaredEvent): JsonSchema {
  const fields = [...event.fields].sort(byName);
  // What has a class may be dropped on the way to some destination.
  const required = fields
    .filter(([, field]) => !field.optional && field.class === undefined)
    .map(([name]) => fieldName(name));
  return {
    title: event.name,
    ...(event.description !== undefined && { description: event.description }),
    type: 'object',
    properties: {
      event: { const: event.name },
      ...Object.fromEntries(fields.map(([name, field]) => [fieldName(name), fieldSchema(field)])),
    },
    required: ['event', ...required],
    'x-level': event.level,
    ...(event.owner !== undefined && { 'x-owner': event.owner }),
    ...(event.retention !== undefined && { 'x-retention': event.retention }),
    ...(event.audit && { 'x-audit': true }),
  };
}

const SCALARS: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  timestamp: { type: 'string', format: 'date-time' },
  object: { type: 'object' },
  unknown: {},
};

function fieldSchema(field: DeclaredField): JsonSchema {
  const value = valueSchema(field);
  const about = {
    ...(field.description !== undefined && { description: field.description }),
    ...(field.class !== undefined && { 'x-class': field.class }),
  };
  const forms: JsonSchema[] = [value];
  // In the place of a value with a class stands a mark, or a digest.
  if (field.class !== undefined) forms.push({ type: 'string' });
  // One that was given as undefined.
  if (field.optional) forms.push({ type: 'null' });
  return { ...about, ...(forms.length === 1 ? value : { anyOf: forms }) };
}

function valueSchema({ type }: DeclaredField): JsonSchema {
  if (typeof type !== 'string') return { enum: type };
  if (type.endsWith('[]')) return { type: 'array', items: SCALARS[type.slice(0, -2)] };
  return SCALARS[type] ?? {};
}
