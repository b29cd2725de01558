import { CLASSES_ROW } from './class-policy-type.ts';
import { ENDPOINT } from './endpoint-type.ts';
import { CERTIFICATE_FILE, KEY_FILE } from './pem-file-type.ts';
import { HEADERS } from './setting-list-type.ts';
import type { SettingType } from './setting-type.ts';
import { choice, count, FLAG, LEVEL, scalar, TEXT, TIMEOUT_MS } from './setting-type.ts';
import type { SettingPath, SettingTable } from './setting-values.ts';

/** Which part of the table speaks of one destination: `otlp({...})`, `consolePretty` and `jsonLines`, `sdkExporter`. */
export type DestinationPath = Extract<SettingPath, `${'otlp' | 'console' | 'sdk'}.${string}`>;

const COLORS: SettingType<boolean> = scalar({
  label: '`true` or `false`',
  code: 'SPANLOG_BAD_BOOLEAN',
  fix: 'Use true or false.',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
  // NO_COLOR counts by being there (no-color.org); `0` and `false` in FORCE_COLOR mean none, as in Node itself.
  parse: (text, variable) => variable !== 'NO_COLOR' && text !== '0' && text.toLowerCase() !== 'false',
});

/** The rows of the table that hold for each destination on its own. */
export const DESTINATION_SETTINGS: SettingTable<DestinationPath> = {
  'otlp.name': {
    type: TEXT,
    env: [],
    fallback: 'otlp',
    text: 'Name in the ledger.',
  },
  'otlp.level': {
    type: LEVEL,
    env: [],
    fallback: 0,
    text: 'Lowest level this destination takes.',
  },
  'otlp.classes': CLASSES_ROW,
  'otlp.endpoint': {
    type: ENDPOINT,
    env: ['OTEL_EXPORTER_OTLP_ENDPOINT'],
    fallback: 'http://localhost:4318',
    text: 'Base URL of the collector; `/v1/logs` is added to its path.',
  },
  'otlp.url': {
    type: ENDPOINT,
    env: ['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'],
    fallback: undefined,
    fallbackText: 'from `otlp.endpoint`',
    text: 'Full URL for logs, used as it is; wins over `otlp.endpoint` of the same origin.',
  },
  'otlp.protocol': {
    type: choice(['http/protobuf', 'http/json', 'grpc']),
    env: ['OTEL_EXPORTER_OTLP_LOGS_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    fallback: 'http/protobuf',
    text:
      'Encoding of requests. With `grpc` it is `http/protobuf` all the same, port 4317 becomes 4318, and a notice says ' +
      'how to have gRPC.',
  },
  'otlp.headers': {
    type: HEADERS,
    env: ['OTEL_EXPORTER_OTLP_LOGS_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'],
    fallback: new Map(),
    text: 'Headers of each request, percent-encoded in variables.',
    secret: true,
  },
  'otlp.compression': {
    type: choice(['gzip', 'none']),
    env: ['OTEL_EXPORTER_OTLP_LOGS_COMPRESSION', 'OTEL_EXPORTER_OTLP_COMPRESSION'],
    fallback: 'none',
    text: 'Compression of requests.',
  },
  'otlp.timeoutMs': {
    type: TIMEOUT_MS,
    env: ['OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'],
    fallback: 10_000,
    text: 'How long one request may take.',
  },
  'otlp.certificate': {
    type: CERTIFICATE_FILE,
    env: ['OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE', 'OTEL_EXPORTER_OTLP_CERTIFICATE'],
    fallback: undefined,
    fallbackText: 'the authorities Node trusts',
    text: 'Authorities that the collector’s certificate is checked against.',
  },
  'otlp.clientCertificate': {
    type: CERTIFICATE_FILE,
    env: ['OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE', 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'],
    fallback: undefined,
    fallbackText: 'none',
    text: 'Certificate that we show to the collector.',
  },
  'otlp.clientKey': {
    type: KEY_FILE,
    env: ['OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY', 'OTEL_EXPORTER_OTLP_CLIENT_KEY'],
    fallback: undefined,
    fallbackText: 'none',
    text: 'Private key of `otlp.clientCertificate`.',
  },
  'otlp.insecure': {
    type: FLAG,
    env: ['OTEL_EXPORTER_OTLP_LOGS_INSECURE', 'OTEL_EXPORTER_OTLP_INSECURE'],
    fallback: false,
    text: 'For an endpoint without a scheme, which only `grpc` may have: `http` in place of `https`.',
  },

  'console.name': {
    type: TEXT,
    env: [],
    fallback: undefined,
    fallbackText: '`pretty` or `json`',
    text: 'Name in the ledger.',
  },
  'console.level': {
    type: LEVEL,
    env: [],
    fallback: 0,
    text: 'Lowest level this destination takes.',
  },
  'console.classes': CLASSES_ROW,
  'console.stream': {
    type: choice(['stdout', 'stderr']),
    env: [],
    fallback: 'stdout',
    text: 'Where lines go.',
  },
  'console.colors': {
    type: COLORS,
    env: ['FORCE_COLOR', 'NO_COLOR'],
    fallback: undefined,
    fallbackText: 'on a terminal, unless `TERM=dumb`',
    text: 'Colours of pretty lines. `NO_COLOR` of any value switches off, `FORCE_COLOR` on.',
  },

  'sdk.name': {
    type: TEXT,
    env: [],
    fallback: 'sdk',
    text: 'Name in the ledger.',
  },
  'sdk.level': {
    type: LEVEL,
    env: [],
    fallback: 0,
    text: 'Lowest level this destination takes.',
  },
  'sdk.classes': CLASSES_ROW,
  'sdk.maxRecords': {
    type: count({ unit: 'records', min: 1 }),
    env: [],
    fallback: 2_048,
    text: 'Records held while they wait; as objects they can’t be bounded in bytes.',
  },
};
