import { SEVERITY } from '../core/level.ts';
import { DEFAULT_READ_LIMITS } from '../core/read-value.ts';
import { AUDIT_SETTINGS } from './audit-settings.ts';
import { DESTINATIONS } from './destination-list-type.ts';
import { DESTINATION_SETTINGS } from './destination-settings.ts';
import { DURABILITY_SETTINGS } from './durability-settings.ts';
import { EXPECTED_ERRORS } from './expected-error-type.ts';
import { LEVEL_SETTINGS } from './level-settings.ts';
import { POLICY_SETTINGS } from './policy-settings.ts';
import { PROPAGATION_SETTINGS } from './propagation-settings.ts';
import { RECORDER_SETTINGS } from './recorder-settings.ts';
import { REDACTION_SETTINGS } from './redaction-settings.ts';
import { ATTRIBUTES, WORDS } from './setting-list-type.ts';
import { choice, count, DELAY_MS, DIAGNOSTIC_LEVEL, FLAG, LABEL, TEXT, TIMEOUT_MS } from './setting-type.ts';
import type { SettingPath, SettingTable } from './setting-values.ts';
import { VOLUME_SETTINGS } from './volume-settings.ts';

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** Every setting there is. Validation, `explain` and `docs/settings.md` are made from it; defaults stand nowhere else. */
export const SETTINGS: SettingTable<SettingPath> = {
  ...LEVEL_SETTINGS,

  'service.name': {
    type: TEXT,
    env: ['OTEL_SERVICE_NAME', 'OTEL_RESOURCE_ATTRIBUTES service.name'],
    fallback: undefined,
    fallbackText: 'the name in the application’s package.json, else `unknown_service:node`',
    text: '`service.name` of the resource.',
  },
  'service.version': {
    type: LABEL,
    env: ['OTEL_RESOURCE_ATTRIBUTES service.version'],
    fallback: undefined,
    fallbackText: 'the version in the application’s package.json',
    text: '`service.version` of the resource.',
  },
  'service.environment': {
    type: TEXT,
    env: [
      'OTEL_RESOURCE_ATTRIBUTES deployment.environment.name',
      'OTEL_RESOURCE_ATTRIBUTES deployment.environment',
      'NODE_ENV',
    ],
    fallback: undefined,
    fallbackText: 'none',
    text: '`deployment.environment.name` of the resource.',
  },
  'service.instanceId': {
    type: LABEL,
    env: ['OTEL_RESOURCE_ATTRIBUTES service.instance.id'],
    fallback: undefined,
    fallbackText: 'a random UUID',
    text: '`service.instance.id` of the resource.',
  },
  'service.region': {
    type: TEXT,
    env: ['OTEL_RESOURCE_ATTRIBUTES cloud.region'],
    fallback: undefined,
    fallbackText: 'none',
    text: '`cloud.region` of the resource.',
  },
  'service.worker': {
    type: LABEL,
    env: ['OTEL_RESOURCE_ATTRIBUTES worker.id', 'NODE_APP_INSTANCE'],
    fallback: undefined,
    fallbackText: 'the id of a `node:cluster` worker',
    text: '`worker.id` of the resource: which of several equal processes this is.',
  },
  resource: {
    type: ATTRIBUTES,
    env: ['OTEL_RESOURCE_ATTRIBUTES'],
    fallback: new Map(),
    secret: true,
    text: 'Further attributes of the resource. They win over what is detected.',
  },
  resourceDetectors: {
    type: WORDS,
    env: ['OTEL_NODE_RESOURCE_DETECTORS'],
    fallback: ['all'],
    text:
      'What is looked up: `service` (name and version from package.json, instance id), `host`, `process`; ' +
      '`all` or `none`. Names of detectors that belong to the tracing SDK are passed over.',
  },

  ...REDACTION_SETTINGS,

  ...VOLUME_SETTINGS,

  ...AUDIT_SETTINGS,

  expectedErrors: {
    type: EXPECTED_ERRORS,
    env: ['SPANLOG_EXPECTED_ERRORS'],
    fallback: [],
    text: 'Errors that are no news: told of without a stack and at INFO, or the level that is given. FATAL stays FATAL.',
  },

  ...POLICY_SETTINGS,
  ...PROPAGATION_SETTINGS,

  destinations: {
    type: DESTINATIONS,
    // Ours comes first, so that OTEL_LOGS_EXPORTER=none can keep another SDK from logging without silencing us.
    env: ['SPANLOG_DESTINATIONS', 'OTEL_LOGS_EXPORTER'],
    fallback: undefined,
    fallbackText:
      'with an OTLP endpoint configured: `otlp`, and the console as well on a terminal; with none: the console alone',
    text: 'Where records go. An empty array, or `none`: nowhere.',
  },
  format: {
    type: choice(['pretty', 'json']),
    env: ['SPANLOG_FORMAT'],
    fallback: undefined,
    fallbackText: '`pretty` on a terminal, `json` otherwise and with `NODE_ENV=production`',
    text: 'How the console writes where `destinations` does not say it.',
  },

  // OTel Logs Data Model and SDK: 128 attributes, no limit on values. The others are ours: what one record may cost.
  'limits.attributeCount': {
    type: count({ unit: 'attributes', min: 0, unbounded: true }),
    env: ['OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
    fallback: 128,
    text: 'Attributes of one record; the rest is dropped and counted on the record.',
  },
  'limits.valueLength': {
    type: count({ unit: 'characters', min: 0, unbounded: true }),
    env: ['OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
    fallback: DEFAULT_READ_LIMITS.valueLength,
    text: 'Length of one text in an attribute; longer ones are cut.',
  },
  'limits.depth': {
    type: count({ unit: 'levels', min: 1, max: 1_000 }),
    env: ['SPANLOG_LIMITS_DEPTH'],
    fallback: DEFAULT_READ_LIMITS.depth,
    text: 'Levels of nesting; what is deeper becomes empty.',
  },
  'limits.entries': {
    type: count({ unit: 'entries', min: 1 }),
    env: ['SPANLOG_LIMITS_ENTRIES'],
    fallback: DEFAULT_READ_LIMITS.entries,
    text: 'Entries read of one array, map or object; the rest is counted in its place.',
  },
  'limits.nodes': {
    type: count({ unit: 'values', min: 1 }),
    env: ['SPANLOG_LIMITS_NODES'],
    fallback: DEFAULT_READ_LIMITS.nodes,
    text: 'Values read of one record in all.',
  },
  'limits.recordText': {
    type: count({ unit: 'characters', min: 1 }),
    env: ['SPANLOG_LIMITS_RECORD_TEXT'],
    fallback: DEFAULT_READ_LIMITS.recordText,
    text: 'Text kept of one record in all; what is cut for it states its size.',
  },

  // A typical record takes 330 bytes: 64 MiB hold some 200,000, so a burst of 20,000 fits even at ten times that size,
  // and a collector may be away for minutes at a thousand records a second. Memory is taken only as it fills.
  'limits.queueBytes': {
    type: count({ unit: 'bytes', min: 1 }),
    env: ['SPANLOG_LIMITS_QUEUE_BYTES'],
    fallback: 64 * MIB,
    text: 'Encoded bytes that one destination may hold; past that `onFull` says which are dropped and counted.',
  },
  // No number of records: bytes bound the queue already. Users of OTEL_BLRP_MAX_QUEUE_SIZE get what they asked for.
  'limits.queueRecords': {
    type: count({ unit: 'records', min: 1, unbounded: true }),
    env: ['OTEL_BLRP_MAX_QUEUE_SIZE'],
    fallback: Infinity,
    text: 'Records that one destination may hold.',
  },
  // Four times OTel's 512: fewer requests for the same bytes. The byte limit, a quarter of the smallest request limit in
  // wide use (4 MiB, gRPC gateways), keeps a batch of large records acceptable everywhere.
  'limits.batchRecords': {
    type: count({ unit: 'records', min: 1 }),
    env: ['OTEL_BLRP_MAX_EXPORT_BATCH_SIZE'],
    fallback: 2_048,
    text: 'Records of one request at most.',
  },
  'limits.batchBytes': {
    // OTLP: a request of more than 64 MiB is not sent.
    type: count({ unit: 'bytes', min: 1, max: 64 * MIB }),
    env: ['SPANLOG_LIMITS_BATCH_BYTES'],
    fallback: MIB,
    text: 'Encoded bytes of one request at most, before compression.',
  },
  'limits.batchDelayMs': {
    type: DELAY_MS,
    env: ['OTEL_BLRP_SCHEDULE_DELAY'],
    fallback: 1_000,
    text: 'How long a record waits for others to fill a batch.',
  },
  'limits.flushTimeoutMs': {
    type: TIMEOUT_MS,
    env: ['OTEL_BLRP_EXPORT_TIMEOUT'],
    fallback: 30_000,
    text: 'How long `flush` and `shutdown` may take when the caller gives no deadline.',
  },
  'limits.exitTimeoutMs': {
    type: DELAY_MS,
    env: ['SPANLOG_LIMITS_EXIT_TIMEOUT_MS'],
    fallback: 2_000,
    text: 'How long the end of the process may wait for pending records; 0: not at all.',
  },
  // Eight batches a second: 64 MiB, a whole queue, are gone in eight seconds, and a collector that just came back is not
  // knocked over by all its clients at once.
  'limits.drainBytesPerSecond': {
    type: count({ unit: 'bytes', min: 64 * KIB }),
    env: ['SPANLOG_LIMITS_DRAIN_BYTES_PER_SECOND'],
    fallback: 8 * MIB,
    text: 'How fast what piled up during an outage goes out once the other side answers again, a second.',
  },

  ...RECORDER_SETTINGS,

  ...DURABILITY_SETTINGS,

  strict: {
    type: FLAG,
    env: ['SPANLOG_STRICT'],
    fallback: false,
    text: 'Bad settings throw. Without it each is named once on stderr, and its default is used.',
  },
  disabled: {
    type: FLAG,
    env: ['OTEL_SDK_DISABLED'],
    fallback: false,
    text: 'No globals are set and nothing is exported; records go to the console alone.',
  },
  takeOverGlobals: {
    type: FLAG,
    env: ['SPANLOG_TAKE_OVER_GLOBALS'],
    fallback: false,
    text: 'Replaces a LoggerProvider that is already global.',
  },
  warnings: {
    type: FLAG,
    env: ['SPANLOG_WARNINGS'],
    fallback: true,
    text: 'Logs the warnings of the process (deprecations, leaks of listeners) at WARN, as the logger `process.warning`; Node prints them as before.',
  },
  diagnosticLevel: {
    type: DIAGNOSTIC_LEVEL,
    env: ['OTEL_LOG_LEVEL'],
    fallback: SEVERITY.info,
    text: 'Lowest level of what spanlog says about itself on stderr. The application’s own level is `level`.',
  },

  ...DESTINATION_SETTINGS,
};
