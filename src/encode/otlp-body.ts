/**
 * Records and what stands around them to the body of one request, in each of OTLP's two formats.
 *
 * Both are joined the same way: a batch is grouped by scope, every length is known before the first byte is copied, and
 * the body is made in one piece. What stands around the records is bytes already, from this process or from another.
 */
import type { Batch } from '../core/batch.ts';
import type { Origin, Wrap } from '../core/origin.ts';
import { varintLength } from './protobuf-value.ts';

export const PROTOBUF_TYPE = 'application/x-protobuf';
export const JSON_TYPE = 'application/json';

/**
 * The body of one request: records grouped by scope, in order within each, in the format that their origin names.
 *
 * @param memory of an earlier body, to be used again when it is large enough; without it the body is an allocation of
 *   its own and fills it, so that it can move to another thread
 * @throws TypeError when the origin names a format that is not OTLP's
 */
export function joinRequest(batch: Batch, origin: Origin, memory: Buffer | undefined): Buffer {
  if (origin.contentType === PROTOBUF_TYPE) return joinProtobuf(batch, origin, memory);
  if (origin.contentType === JSON_TYPE) return joinJson(batch, origin, memory);
  throw new TypeError(`records of type ${JSON.stringify(origin.contentType)} are not OTLP over HTTP`);
}

/** Records are `12 <length> <LogRecord>`, as `encode/protobuf` writes them. */
function joinProtobuf(batch: Batch, origin: Origin, memory: Buffer | undefined): Buffer {
  const { head, tail } = origin.resource;
  // A scope that was lost is a ScopeLogs without one: nothing stands around its records.
  const groups = groupByScope(batch, origin, undefined);
  let inner = head.length + tail.length;
  for (const { wrap, bytes } of groups) inner += fieldLength(wrap.head.length + bytes + wrap.tail.length);
  const body = new Body(fieldLength(inner), memory);
  body.open(REQUEST_RESOURCE_LOGS, inner);
  body.put(head);
  for (const group of groups) {
    const { wrap, bytes } = group;
    body.open(RESOURCE_LOGS_SCOPE_LOGS, wrap.head.length + bytes + wrap.tail.length);
    body.put(wrap.head);
    group.at = body.skip(bytes);
    body.put(wrap.tail);
  }
  body.put(tail);
  copyRuns(batch, groups, body.bytes);
  return body.bytes;
}

/** Records are JSON objects, back to back and without separators. */
function joinJson(batch: Batch, origin: Origin, memory: Buffer | undefined): Buffer {
  const { head, tail } = origin.resource;
  const groups = groupByScope(batch, origin, LOST_JSON_SCOPE);
  // One comma fewer than there are scopes, and within a scope one fewer than there are records.
  let length = head.length + tail.length + groups.length - 1;
  for (const { wrap, bytes, count } of groups) length += wrap.head.length + bytes + count - 1 + wrap.tail.length;
  const body = new Body(length, memory);
  body.put(head);
  for (const [i, group] of groups.entries()) {
    if (i > 0) body.put(COMMA);
    body.put(group.wrap.head);
    group.at = body.skip(group.bytes + group.count - 1);
    body.put(group.wrap.tail);
  }
  body.put(tail);
  copyWithCommas(batch, groups, body.bytes);
  return body.bytes;
}

// Tags: `field number << 3 | 2`.
const REQUEST_RESOURCE_LOGS = 0x0a;
const RESOURCE_LOGS_SCOPE_LOGS = 0x12;

const COMMA = Buffer.from(',');
const COMMA_BYTE = 0x2c;

const LOST_JSON_SCOPE: Wrap = { head: Buffer.from('{"scope":{},"logRecords":['), tail: Buffer.from(']}') };

/** The records of one scope within one batch. */
interface Group {
  readonly scopeId: number;
  readonly wrap: Wrap;
  count: number;
  bytes: number;
  /** Where its next record goes in the body. */
  at: number;
}

/** Groups in the order in which the scopes first appear. */
function groupByScope(batch: Batch, origin: Origin, lost: Wrap | undefined): Group[] {
  if (batch.count === 0) return [];
  const first = batch.scopeId(0);
  let same = 1;
  while (same < batch.count && batch.scopeId(same) === first) same++;
  if (same === batch.count) {
    return [{ scopeId: first, wrap: wrapOf(first, origin, lost), count: batch.count, bytes: batch.length, at: 0 }];
  }
  const groups = new Map<number, Group>();
  for (let i = 0; i < batch.count; i++) {
    const scopeId = batch.scopeId(i);
    let group = groups.get(scopeId);
    if (group === undefined) {
      group = { scopeId, wrap: wrapOf(scopeId, origin, lost), count: 0, bytes: 0, at: 0 };
      groups.set(scopeId, group);
    }
    group.count++;
    group.bytes += batch.end(i) - batch.start(i);
  }
  return [...groups.values()];
}

/** @param lost stands in for a scope of which nothing is known: its origin gives it an empty head */
function wrapOf(scopeId: number, origin: Origin, lost: Wrap | undefined): Wrap {
  const wrap = origin.scope(scopeId);
  return lost !== undefined && wrap.head.length === 0 ? lost : wrap;
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
