/** The answers of an OTLP/HTTP server, in the content type that the client spoke (OTLP specification, "OTLP/HTTP Response"). */

export type WireFormat = 'protobuf' | 'json';

export const CONTENT_TYPES: Readonly<Record<WireFormat, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** The codes of google.rpc.Status that this receiver uses. */
export const RPC_CODE = { invalidArgument: 3, resourceExhausted: 8, unavailable: 14 } as const;

/** The format of a Content-Type, its parameters and case aside; undefined for one that OTLP does not have. */
export function wireFormatOf(contentType: string | undefined): WireFormat | undefined {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === CONTENT_TYPES.protobuf) return 'protobuf';
  return mediaType === CONTENT_TYPES.json ? 'json' : undefined;
}

/** Full success: an Export…ServiceResponse without `partial_success`, which is no bytes at all in protobuf. */
export function successBody(format: WireFormat): Buffer {
  return Buffer.from(format === 'json' ? '{}' : '');
}

/** A google.rpc.Status {code = 1, message = 2}. */
export function statusBody(format: WireFormat, code: number, message: string): Buffer {
  if (format === 'json') return Buffer.from(JSON.stringify({ code, message }));
  const text = Buffer.from(message);
  return Buffer.concat([Buffer.from([0x08, code, 0x12, ...varint(text.length)]), text]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}
