/** Typed access to the fields of protobuf's JSON mapping. Everything here throws OtlpDecodeError, and only that. */
import { OtlpDecodeError } from './otlp-model.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

const MAX_UINT64 = 2n ** 64n - 1n;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Parses a JSON object from UTF-8. Integers that a double can't hold exactly come out as bigint: senders may
 * write a time in nanoseconds as a bare number, and it must not lose its last digits.
 */
export function parseExactJson(bytes: Uint8Array): JsonObject {
  let root: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // A reviver makes parsing several times slower, so it is used only where such an integer may be.
    root = /[\s:,[]-?\d{16}/.test(text) ? JSON.parse(text, exactInteger as Reviver) : JSON.parse(text);
  } catch (error) {
    throw new OtlpDecodeError(`malformed JSON: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
  if (!isObject(root)) throw new OtlpDecodeError('malformed JSON: the request is not an object');
  return root;
}

type Reviver = (key: string, value: unknown) => unknown;

/** The third argument, the text as it stood, is in Node 22 and above but not yet in TypeScript's library. */
function exactInteger(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return context.source !== undefined && /^-?\d{1,20}$/.test(context.source) ? BigInt(context.source) : value;
}

/** The objects of a list, each with its path; an absent list is empty, a null in it an empty object. */
export function listAt(owner: JsonObject, name: string, path: string): [item: JsonObject, path: string][] {
  const list = owner[name];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw wrong(path, name, 'a list');
  return list.map((item: unknown, index): [JsonObject, string] => {
    if (item === null) return [{}, `${place(path, name)}[${index}]`];
    if (!isObject(item)) throw wrong(path, `${name}[${index}]`, 'an object');
    return [item, `${place(path, name)}[${index}]`];
  });
}

export function objectAt(owner: JsonObject, name: string, path: string): JsonObject | undefined {
  const value = owner[name];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw wrong(path, name, 'an object');
  return value;
}

export function textAt(owner: JsonObject, name: string, path: string): string {
  const value = owner[name] ?? '';
  if (typeof value !== 'string') throw wrong(path, name, 'a string');
  return value;
}

export function booleanAt(owner: JsonObject, name: string, path: string): boolean {
  const value = owner[name];
  if (typeof value !== 'boolean') throw wrong(path, name, 'true or false');
  return value;
}

/** A 32-bit integer, signed or not; 0 when absent. Names of enum values are not allowed in OTLP. */
export function integerAt(owner: JsonObject, name: string, path: string): number {
  const value = owner[name] ?? 0;
  const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < -(2 ** 31) || number >= 2 ** 32) {
    throw wrong(path, name, 'an integer of 32 bits');
  }
  return number;
}

/** A number while that is exact, else a bigint. */
export function int64At(owner: JsonObject, name: string, path: string): number | bigint {
  const value = integer64(owner[name], MIN_INT64, MAX_INT64);
  if (value === undefined) throw wrong(path, name, 'an integer of 64 bits');
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** A fixed64; 0n when absent. */
export function unsigned64At(owner: JsonObject, name: string, path: string): bigint {
  const value = integer64(owner[name] ?? 0, 0n, MAX_UINT64);
  if (value === undefined) throw wrong(path, name, 'an unsigned integer of 64 bits');
  return value;
}

export function doubleAt(owner: JsonObject, name: string, path: string): number {
  const value = owner[name];
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value === 'NaN') return Number.NaN;
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY;
  if (typeof value === 'string' && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value)) return Number(value);
  throw wrong(path, name, 'a number');
}

/** Base64 with either alphabet, padded or not. */
export function bytesAt(owner: JsonObject, name: string, path: string): Uint8Array {
  const value = owner[name];
  if (typeof value !== 'string' || !/^[\w+/-]*={0,2}$/.test(value)) throw wrong(path, name, 'base64');
  return Uint8Array.from(Buffer.from(value, 'base64'));
}

/** Hex digits in lower case; '' when absent. */
export function hexAt(owner: JsonObject, name: string, path: string): string {
  const value = owner[name] ?? '';
  if (typeof value !== 'string' || !/^[\da-fA-F]*$/.test(value)) throw wrong(path, name, 'hex digits');
  return value.toLowerCase();
}

function integer64(value: unknown, min: bigint, max: bigint): bigint | undefined {
  let integer: bigint;
  if (typeof value === 'bigint') integer = value;
  else if (typeof value === 'number' && Number.isSafeInteger(value)) integer = BigInt(value);
  else if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) integer = BigInt(value);
  else return undefined;
  return integer >= min && integer <= max ? integer : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function place(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function wrong(path: string, name: string, expected: string): OtlpDecodeError {
  return new OtlpDecodeError(`${place(path, name)} is not ${expected}`);
}
