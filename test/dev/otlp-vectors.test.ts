/**
 * Requests that the Collector's own library encoded, and the examples of the protocol's repository. They are no
 * part of this project: the tests run where they lie beside the clone, and say so where they don't.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodeLogsRequest } from '../../src/dev/otlp-decode.ts';
import { decodeLogsRequestJson } from '../../src/dev/otlp-json.ts';
import { statusBody } from '../../src/dev/otlp-response.ts';
import { decodeLogsRequest as decodeIndependently } from '../support/otlp-proto.ts';
import { modelOf } from './otlp-samples.ts';

const folder = fileURLToPath(new URL('../../../shared/otlp/', import.meta.url));
const vectors = namesIn('collector-vectors', '.pb');
const examples = namesIn('proto-examples', '.json').filter((name) => /^(?:logs|events)\.json$/.test(name));
const skip = vectors.length === 0 ? 'skipped: there are no OTLP vectors beside the clone' : false;

describe('what others encoded', { skip }, () => {
  for (const name of vectors) {
    test(`R7.4 the Collector's ${name} is read as the JSON of the same data`, () => {
      const bytes = read(`collector-vectors/${name}`);
      const decoded = decodeLogsRequest(bytes);
      assert.deepStrictEqual(decoded, decodeLogsRequestJson(read(`collector-vectors/${name.replace('.pb', '.json')}`)));
      assert.deepStrictEqual(decoded, modelOf(decodeIndependently(bytes)));
    });
  }

  for (const name of examples) {
    test(`R7.4 the protocol's example ${name} is read as the Collector encoded it`, () => {
      const expected = decodeLogsRequest(read(`collector-vectors/proto-example-${name.replace('.json', '.pb')}`));
      assert.deepStrictEqual(decodeLogsRequestJson(read(`proto-examples/${name}`)), expected);
    });
  }

  test('R7.4 our error bodies are the bytes that the Collector sends', () => {
    assert.deepEqual(statusBody('protobuf', 8, 'request body too large'), read('responses/status-413-too-large.pb'));
    assert.deepEqual(statusBody('protobuf', 13, 'internal'), read('responses/status-500-internal.pb'));
  });
});

function namesIn(subfolder: string, ending: string): string[] {
  const path = `${folder}${subfolder}`;
  return existsSync(path) ? readdirSync(path).filter((name) => name.endsWith(ending)) : [];
}

function read(name: string): Buffer {
  return readFileSync(`${folder}${name}`);
}
