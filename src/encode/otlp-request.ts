/**
 * Batches to the body of an ExportLogsServiceRequest (opentelemetry-proto collector/logs/v1), in protobuf or JSON.
 *
 * The records are bytes already; what is added is the envelope around them. Both formats are built the same way: a
 * batch is grouped by scope, every length is known before the first byte is copied, and the body is made in one piece.
 *
 *   request ─ resource_logs ─ resource, schema_url
 *                           └ scope_logs … ─ scope, log_records (the batch's bytes), schema_url
 */
import type { Batch } from '../core/batch.ts';
import { ByteWriter } from '../core/record.ts';
import type { Scope } from '../core/record.ts';
import type { ValueMap } from '../core/value.ts';
import { attributesJson, textJson } from './json-value.ts';
import { closeMessage, openMessage, varintLength, writeAttributes, writeText } from './protobuf-value.ts';

/** Makes request bodies out of batches of one format. */
export interface Envelope {
  /** Value of the Content-Type header. */
  readonly contentType: string;
  /**
   * The body of one request: records grouped by scope, in order within each.
   *
   * @param memory of an earlier body, to be used again when it is large enough; without it the body is an allocation
   *   of its own and fills it, so that it can move to another thread
   */
  assemble(batch: Batch, memory?: Buffer): Buffer;
}

/** What every request of one destination says about its records. */
export interface EnvelopeParts {
  /** Encoded for each request: some of its attributes may become known only after the first records. */
  readonly resource: ValueMap;
  /** Semantic conventions the resource follows; empty when none are named. */
  readonly resourceSchemaUrl: string;
  /** The scope behind `Batch.scopeId`. */
  readonly scopes: (id: number) => Scope;
}

/** For batches whose records are `12 <length> <LogRecord>`, as `encode/protobuf` writes them. */
export function createProtobufEnvelope(parts: EnvelopeParts): Envelope {
  const tail = protobufSchemaUrl(parts.resourceSchemaUrl);
  const frames = new FrameCache(parts.scopes, protobufScope);

  return {
    contentType: 'application/x-protobuf',
    assemble(batch, memory) {
      const head = protobufResource(parts.resource);
      const groups = groupByScope(batch, frames);
      let inner = head.length + tail.length;
      for (const { frame, bytes } of groups) inner += fieldLength(frame.head.length + bytes + frame.tail.length);
      const body = new Body(fieldLength(inner), memory);
      body.open(REQUEST_RESOURCE_LOGS, inner);
      body.put(head);
      for (const group of groups) {
        const { frame, bytes } = group;
        body.open(RESOURCE_LOGS_SCOPE_LOGS, frame.head.length + bytes + frame.tail.length);
        body.put(frame.head);
        group.at = body.skip(bytes);
        body.put(frame.tail);
      }
      body.put(tail);
      copyRuns(batch, groups, body.bytes);
      return body.bytes;
    },
  };
}

/** For batches whose records are JSON objects, back to back and without separators. */
export function createJsonEnvelope(parts: EnvelopeParts): Envelope {
  const tail = Buffer.from(`]${jsonSchemaUrl(parts.resourceSchemaUrl)}}]}`);
  const frames = new FrameCache(parts.scopes, jsonScope);

  return {
    contentType: 'application/json',
    assemble(batch, memory) {
      const attributes = attributesJson(parts.resource.keys, parts.resource.values);
      const head = Buffer.from(`{"resourceLogs":[{"resource":{"attributes":${attributes}},"scopeLogs":[`);
      const groups = groupByScope(batch, frames);
      // One comma fewer than there are scopes, and within a scope one fewer than there are records.
      let length = head.length + tail.length + groups.length - 1;
      for (const { frame, bytes, count } of groups) length += frame.head.length + bytes + count - 1 + frame.tail.length;
      const body = new Body(length, memory);
      body.put(head);
      for (const [i, group] of groups.entries()) {
        if (i > 0) body.put(COMMA);
        body.put(group.frame.head);
        group.at = body.skip(group.bytes + group.count - 1);
        body.put(group.frame.tail);
      }
      body.put(tail);
      copyWithCommas(batch, groups, body.bytes);
      return body.bytes;
    },
  };
}

// Tags: `field number << 3 | 2`.
const REQUEST_RESOURCE_LOGS = 0x0a;
const RESOURCE_LOGS_RESOURCE = 0x0a;
const RESOURCE_LOGS_SCOPE_LOGS = 0x12;
const RESOURCE_ATTRIBUTES = 0x0a;
const SCOPE_LOGS_SCOPE = 0x0a;
const SCOPE_NAME = 0x0a;
const SCOPE_VERSION = 0x12;
const SCOPE_ATTRIBUTES = 0x1a;
/** The same number in ResourceLogs and ScopeLogs. */
const SCHEMA_URL = 0x1a;

const COMMA = Buffer.from(',');
const COMMA_BYTE = 0x2c;

/** What stands before and after the records of one scope. */
interface Frame {
  readonly head: Buffer;
  readonly tail: Buffer;
}

/** The records of one scope within one batch. */
interface Group {
  readonly scopeId: number;
  readonly frame: Frame;
  count: number;
  bytes: number;
  /** Where its next record goes in the body. */
  at: number;
}

/** How many scopes are kept encoded; an application has as many as it has loggers. */
const MAX_FRAMES = 4_096;

/** Scopes encoded once: they do not change. */
class FrameCache {
  readonly #scopes: (id: number) => Scope;
  readonly #encode: (scope: Scope) => Frame;
  readonly #frames = new Map<number, Frame>();

  constructor(scopes: (id: number) => Scope, encode: (scope: Scope) => Frame) {
    this.#scopes = scopes;
    this.#encode = encode;
  }

  get(id: number): Frame {
    let frame = this.#frames.get(id);
    if (frame === undefined) {
      frame = this.#encode(this.#scopes(id));
      if (this.#frames.size === MAX_FRAMES) this.#frames.clear();
      this.#frames.set(id, frame);
    }
    return frame;
  }
}

/** Groups in the order in which the scopes first appear. */
function groupByScope(batch: Batch, frames: FrameCache): Group[] {
  if (batch.count === 0) return [];
  const first = batch.scopeId(0);
  let same = 1;
  while (same < batch.count && batch.scopeId(same) === first) same++;
  if (same === batch.count) {
    return [{ scopeId: first, frame: frames.get(first), count: batch.count, bytes: batch.length, at: 0 }];
  }
  const groups = new Map<number, Group>();
  for (let i = 0; i < batch.count; i++) {
    const scopeId = batch.scopeId(i);
    let group = groups.get(scopeId);
    if (group === undefined) {
      group = { scopeId, frame: frames.get(scopeId), count: 0, bytes: 0, at: 0 };
      groups.set(scopeId, group);
    }
    group.count++;
    group.bytes += batch.end(i) - batch.start(i);
  }
  return [...groups.values()];
}

/** Copies the records to their groups; neighbours of one scope in one go, which is all of them when there is one. */
function copyRuns(batch: Batch, groups: readonly Group[], body: Buffer): void {
  if (groups.length === 1) {
    batch.bytes.copy(body, (groups[0] as Group).at, 0, batch.length);
    return;
  }
  const byId = new Map(groups.map((group) => [group.scopeId, group]));
  for (let from = 0; from < batch.count;) {
    const scopeId = batch.scopeId(from);
    let to = from + 1;
    while (to < batch.count && batch.scopeId(to) === scopeId) to++;
    const group = byId.get(scopeId) as Group;
    group.at += batch.bytes.copy(body, group.at, batch.start(from), batch.start(to));
    from = to;
  }
}

function copyWithCommas(batch: Batch, groups: readonly Group[], body: Buffer): void {
  const byId = new Map(groups.map((group) => [group.scopeId, group]));
  for (let i = 0; i < batch.count; i++) {
    const group = byId.get(batch.scopeId(i)) as Group;
    group.at += batch.bytes.copy(body, group.at, batch.start(i), batch.end(i));
    group.count--;
    if (group.count > 0) body[group.at++] = COMMA_BYTE;
  }
}

/** A body of known length, filled from front to back. */
class Body {
  readonly bytes: Buffer;
  #at = 0;

  constructor(length: number, memory: Buffer | undefined) {
    if (memory === undefined) this.bytes = Buffer.allocUnsafeSlow(length);
    else if (memory.length >= length) this.bytes = memory.subarray(0, length);
    // An eighth more, so that the next one, a little longer, need not be allocated as well.
    else this.bytes = Buffer.allocUnsafeSlow(length + (length >> 3)).subarray(0, length);
  }

  /** Writes the tag and length of a protobuf message. */
  open(tag: number, length: number): void {
    this.bytes[this.#at++] = tag;
    let rest = length;
    for (; rest >= 0x80; rest >>>= 7) this.bytes[this.#at++] = (rest & 0x7f) | 0x80;
    this.bytes[this.#at++] = rest;
  }

  put(bytes: Buffer): void {
    this.#at += bytes.copy(this.bytes, this.#at);
  }

  /** Leaves room for what is filled in later; returns where it begins. */
  skip(length: number): number {
    const at = this.#at;
    this.#at += length;
    return at;
  }
}

/** Bytes of a protobuf field of `length` content bytes, with its tag and length. */
function fieldLength(length: number): number {
  return 1 + varintLength(length) + length;
}

function protobufResource(resource: ValueMap): Buffer {
  const out = new ByteWriter(512);
  const message = openMessage(out, RESOURCE_LOGS_RESOURCE);
  writeAttributes(out, RESOURCE_ATTRIBUTES, resource.keys, resource.values);
  closeMessage(out, message);
  return written(out);
}

function protobufScope(scope: Scope): Frame {
  const out = new ByteWriter(256);
  const message = openMessage(out, SCOPE_LOGS_SCOPE);
  if (scope.name !== '') writeText(out, SCOPE_NAME, scope.name);
  if (scope.version !== '') writeText(out, SCOPE_VERSION, scope.version);
  writeAttributes(out, SCOPE_ATTRIBUTES, scope.attributes.keys, scope.attributes.values);
  closeMessage(out, message);
  return { head: written(out), tail: protobufSchemaUrl(scope.schemaUrl) };
}

function protobufSchemaUrl(url: string): Buffer {
  const out = new ByteWriter(64);
  if (url !== '') writeText(out, SCHEMA_URL, url);
  return written(out);
}

function jsonScope(scope: Scope): Frame {
  const fields: string[] = [];
  if (scope.name !== '') fields.push(`"name":${textJson(scope.name)}`);
  if (scope.version !== '') fields.push(`"version":${textJson(scope.version)}`);
  if (scope.attributes.size > 0) {
    fields.push(`"attributes":${attributesJson(scope.attributes.keys, scope.attributes.values)}`);
  }
  return {
    head: Buffer.from(`{"scope":{${fields.join(',')}},"logRecords":[`),
    tail: Buffer.from(`]${jsonSchemaUrl(scope.schemaUrl)}}`),
  };
}

function jsonSchemaUrl(url: string): string {
  return url === '' ? '' : `,"schemaUrl":${textJson(url)}`;
}

function written(out: ByteWriter): Buffer {
  return out.bytes.subarray(0, out.length);
}
