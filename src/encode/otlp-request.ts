/**
 * Batches to the body of an ExportLogsServiceRequest (opentelemetry-proto collector/logs/v1), in protobuf or JSON.
 *
 * The records are bytes already; what is added is the envelope around them: that of this process, or for records that
 * another one left behind in a spool, theirs.
 *
 *   request ─ resource_logs ─ resource, schema_url
 *                           └ scope_logs … ─ scope, log_records (the batch's bytes), schema_url
 */
import type { Batch } from '../core/batch.ts';
import type { Origin, Wrap } from '../core/origin.ts';
import { ByteWriter } from '../core/record.ts';
import type { Scope } from '../core/record.ts';
import type { ValueMap } from '../core/value.ts';
import { attributesJson, textJson } from './json-value.ts';
import { joinRequest, JSON_TYPE, PROTOBUF_TYPE } from './otlp-body.ts';
import { closeMessage, openMessage, writeAttributes, writeText } from './protobuf-value.ts';

/** Makes request bodies out of batches. */
export interface Envelope {
  /** Of what this process logs, and of all batches without an origin: value of the Content-Type header. */
  readonly contentType: string;
  /**
   * The body of one request: records grouped by scope, in order within each. A batch with an origin gets its resource,
   * its scopes and its format; then the Content-Type is the origin's.
   *
   * @param memory of an earlier body, to be used again when it is large enough; without it the body is an allocation
   *   of its own and fills it, so that it can move to another thread
   * @throws TypeError when the batch's origin names a format that is not OTLP's
   */
  assemble(batch: Batch, memory?: Buffer): Buffer;
  /** What stands around all scopes of a request: the resource as it is known now. */
  frame(): Wrap;
  /** What stands around the records of one scope of this process. */
  scopeFrame(id: number): Wrap;
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
  const resource = (): Wrap => ({ head: protobufResource(parts.resource), tail });
  return envelopeOf(new OwnOrigin(PROTOBUF_TYPE, resource, parts.scopes, protobufScope));
}

/** For batches whose records are JSON objects, back to back and without separators. */
export function createJsonEnvelope(parts: EnvelopeParts): Envelope {
  const tail = Buffer.from(`]${jsonSchemaUrl(parts.resourceSchemaUrl)}}]}`);
  const resource = (): Wrap => ({ head: jsonResource(parts.resource), tail });
  return envelopeOf(new OwnOrigin(JSON_TYPE, resource, parts.scopes, jsonScope));
}

function envelopeOf(own: OwnOrigin): Envelope {
  return {
    contentType: own.contentType,
    assemble: (batch, memory) => joinRequest(batch, batch.origin ?? own, memory),
    frame: () => own.resource,
    scopeFrame: (id) => own.scope(id),
  };
}

// Tags: `field number << 3 | 2`.
const RESOURCE_LOGS_RESOURCE = 0x0a;
const RESOURCE_ATTRIBUTES = 0x0a;
const SCOPE_LOGS_SCOPE = 0x0a;
const SCOPE_NAME = 0x0a;
const SCOPE_VERSION = 0x12;
const SCOPE_ATTRIBUTES = 0x1a;
/** The same number in ResourceLogs and ScopeLogs. */
const SCHEMA_URL = 0x1a;

/** How many scopes are kept encoded; an application has as many as it has loggers. */
const MAX_SCOPES = 4_096;

/** This process. Its scopes are encoded once: they do not change. */
class OwnOrigin implements Origin {
  readonly contentType: string;
  readonly #resource: () => Wrap;
  readonly #scopes: (id: number) => Scope;
  readonly #encode: (scope: Scope) => Wrap;
  readonly #encoded = new Map<number, Wrap>();

  constructor(
    contentType: string,
    resource: () => Wrap,
    scopes: (id: number) => Scope,
    encode: (scope: Scope) => Wrap,
  ) {
    this.contentType = contentType;
    this.#resource = resource;
    this.#scopes = scopes;
    this.#encode = encode;
  }

  /** Encoded anew each time. */
  get resource(): Wrap {
    return this.#resource();
  }

  scope(id: number): Wrap {
    let wrap = this.#encoded.get(id);
    if (wrap === undefined) {
      wrap = this.#encode(this.#scopes(id));
      if (this.#encoded.size === MAX_SCOPES) this.#encoded.clear();
      this.#encoded.set(id, wrap);
    }
    return wrap;
  }
}

function protobufResource(resource: ValueMap): Buffer {
  const out = new ByteWriter(512);
  const message = openMessage(out, RESOURCE_LOGS_RESOURCE);
  writeAttributes(out, RESOURCE_ATTRIBUTES, resource.keys, resource.values);
  closeMessage(out, message);
  return written(out);
}

function protobufScope(scope: Scope): Wrap {
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

function jsonResource(resource: ValueMap): Buffer {
  const attributes = attributesJson(resource.keys, resource.values);
  return Buffer.from(`{"resourceLogs":[{"resource":{"attributes":${attributes}},"scopeLogs":[`);
}

function jsonScope(scope: Scope): Wrap {
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
