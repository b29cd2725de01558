/**
 * Small applications that use the package by its name, as text: they are written into projects that have it installed.
 * Each logs the same two records, so that one assertion serves all ways to load it.
 */

const NAMES = 'bindContext, getLogger, pii, register, secret, withContext';

const LOG = `
const log = getLogger('app');
withContext({ request_id: 'req-1' }, () => {
  bindContext({ user_id: 7 });
  log.child({ order_id: 'o-1' }).info('order_placed', { amount: 129.95, password: 'hunter2', key: secret('s3cr3t') });
});
log.error('payment_failed', { mail: pii('ann') }, new TypeError('card 4111 1111 1111 1111 was refused'));
log.debug('not logged');
`;

const REPORT = `process.on('exit', () => writeSync(3, JSON.stringify(logging.ledger())));\n`;

const ESM_HEAD = `import { writeSync } from 'node:fs';\nimport { ${NAMES} } from 'spanlog';\n`;
const CJS_HEAD = `const { writeSync } = require('node:fs');\nconst { ${NAMES} } = require('spanlog');\n`;

/** Both formats loaded into one process share one registry: loggers, context, classified values, the ledger. */
const BOTH = `
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as esm from 'spanlog';
const cjs = createRequire(import.meta.url)('spanlog');
const { ${NAMES} } = cjs;

const early = cjs.getLogger('app').child({ order_id: 'o-1' });
const logging = esm.register();
${REPORT}
if (esm.register === cjs.register) throw new Error('there is only one copy');
if (cjs.register() !== logging) throw new Error('register gave another logging');
if (cjs.getLogger('app') !== esm.getLogger('app')) throw new Error('getLogger gave another logger');
esm.withContext({ request_id: 'req-1' }, () => {
  cjs.bindContext({ user_id: 7 });
  early.info('order_placed', { amount: 129.95, password: 'hunter2', key: esm.secret('s3cr3t') });
});
esm.getLogger('app').error('payment_failed', { mail: cjs.pii('ann') }, new TypeError('card 4111 1111 1111 1111 was refused'));
`;

/** The official pipeline with our stages in it. */
const STANDARD_LANE = `
const next = new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() });
const provider = new LoggerProvider({ processors: [redactionProcessor(), samplingProcessor({ rate: 1, next })] });
const log = provider.getLogger('app');
log.emit({ severityNumber: SeverityNumber.INFO, eventName: 'order_placed', body: 'order_placed', attributes: { amount: 129.95, password: 'hunter2' } });
log.emit({ severityNumber: SeverityNumber.ERROR, eventName: 'payment_failed', body: 'card 4111 1111 1111 1111 was refused' });
if (createRedactor().redactText('password=hunter2').includes('hunter2')) throw new Error('not redacted');
provider.shutdown();
`;

/** Says what each subpath exports, imported and required. */
const SUBPATHS = `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const names = (module) => Object.keys(module).filter((name) => name !== 'default' && name !== 'module.exports').sort();
const told = {};
for (const subpath of Object.keys(require('spanlog/package.json').exports)) {
  if (subpath.endsWith('.json')) continue;
  const specifier = 'spanlog' + subpath.slice(1);
  told[subpath] = { imported: names(await import(specifier)), required: names(require(specifier)) };
}
console.log(JSON.stringify(told));
`;

export const APPLICATIONS = {
  'import.mjs': `${ESM_HEAD}const logging = register();\n${REPORT}${LOG}`,
  'require.cjs': `${CJS_HEAD}const logging = register();\n${REPORT}${LOG}`,
  'preloaded.mjs': `${ESM_HEAD}${LOG}`,
  'preloaded.cjs': `${CJS_HEAD}${LOG}`,
  'both.mjs': BOTH,
  'imports-register.mjs': `import 'spanlog/register';\n${ESM_HEAD}${LOG}`,
  'explicit-destinations.mjs': `
import { jsonLines, otlp } from 'spanlog/destinations';
${ESM_HEAD}
const logging = register({ destinations: [otlp({ endpoint: process.argv[2], compression: 'gzip', protocol: 'http/json' }), jsonLines()] });
${REPORT}${LOG}`,
  'subpaths.mjs': SUBPATHS,
  'processors.mjs': `
import { SeverityNumber } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { createRedactor, redactionProcessor, samplingProcessor } from 'spanlog/processors';
${STANDARD_LANE}`,
  'processors.cjs': `
const { SeverityNumber } = require('@opentelemetry/api');
const { OTLPLogExporter } = require('@opentelemetry/exporter-logs-otlp-http');
const { BatchLogRecordProcessor, LoggerProvider } = require('@opentelemetry/sdk-logs');
const { createRedactor, redactionProcessor, samplingProcessor } = require('spanlog/processors');
${STANDARD_LANE}`,
} as const;

export type Application = keyof typeof APPLICATIONS;

/** What a user writes in TypeScript; compiled, never run. */
export const TYPED_APPLICATION = `
import {
  bindContext, getLogger, pii, register, secret, SettingError, withContext,
  type Counts, type Destination, type Fields, type FieldsArgument, type FlushResult, type Ledger, type Level, type Limits,
  type Logger, type Logging, type Options, type OtlpOptions, type RedactOptions, type SampleOptions, type SettingOrigin,
  type SettingProblem, type TextOptions,
} from 'spanlog';
import { consolePretty, jsonLines, otlp, sdkExporter, type SdkLogExporter } from 'spanlog/destinations';
import 'spanlog/register';

declare const exporter: SdkLogExporter;
const destinations: readonly Destination[] = [otlp({ compression: 'gzip' }), consolePretty({ level: 'warn' }), jsonLines(), sdkExporter(exporter)];
const options: Options = {
  service: { name: 'checkout', version: '1.2.3', environment: 'production' },
  level: 'info',
  levels: { 'checkout.payments': 'debug' },
  redact: { keys: ['loyalty_number'], paths: ['user.address.**'], patterns: { order: /o-\\d+/ } },
  sample: { rate: 0.5, events: { cache_hit: 0.01 } },
  limits: { queueBytes: 1_000_000 } satisfies Partial<Limits>,
  destinations,
};
const logging: Logging = register(options);
const log: Logger = getLogger('checkout');

interface Order { readonly id: string; readonly total: number }
declare const order: Order;
declare const caught: unknown;
const fields: Fields = { order_id: order.id, nested: { list: [1, 'two', null] }, card: secret('x'), mail: pii('y') };
log.info('order_placed', fields);
log.info('order_placed', { ...order });
log.debug('expensive', () => ({ size: 1 }));
log.error('payment_failed', { attempt: 2 }, caught);
log.error(new Error('boom'));
log.exception(caught, 'payment_failed', { order_id: order.id });
const child: Logger = log.child({ order_id: order.id });
if (child.isEnabled('debug')) child.trace('details');
const answer: number = withContext({ request_id: 'r' }, () => 42);
const later: Promise<string> = withContext({ request_id: 'r' }, async () => { bindContext({ user_id: 7 }); return 'done'; });
logging.setLevel('checkout', 'debug', { forMs: 60_000 });
export async function end(): Promise<FlushResult> {
  const result: FlushResult = await logging.flush({ timeoutMs: 100 });
  const ledger: Ledger = logging.ledger();
  const counts: Counts | undefined = ledger.destinations['otlp'];
  const origins: readonly SettingOrigin[] = logging.explain();
  if (!ledger.balanced || counts === undefined) throw new Error(String(origins.length + ledger.delivered));
  return result.pending > 0 ? logging.shutdown() : result;
}
try {
  register({ strict: true });
} catch (error) {
  if (error instanceof SettingError) {
    const problems: readonly SettingProblem[] = error.problems;
    console_.error(problems.map(({ code, setting, value, origin, fix }) => [code, setting, value, origin, fix]));
  }
}
declare const console_: { error(value: unknown): void };
export const all: [number, Promise<string>, Level, FieldsArgument, OtlpOptions, RedactOptions, SampleOptions, TextOptions] =
  [answer, later, 'WARN' as Level, fields, {}, {}, {}, {}];

// @ts-expect-error no such level
register({ level: 'loud' });
// @ts-expect-error no such option
register({ lvel: 'info' });
// @ts-expect-error an event comes first
log.info();
`;

/** The same for what needs the SDK: our stages in its pipeline, its exporters in ours. */
export const TYPED_SDK_APPLICATION = `
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { register } from 'spanlog';
import { sdkExporter } from 'spanlog/destinations';
import { createRedactor, redactionProcessor, samplingProcessor, spanlogProcessor, type SpanlogProcessor } from 'spanlog/processors';

const exporter = new OTLPLogExporter();
const next: LogRecordProcessor = new BatchLogRecordProcessor({ exporter });
const own: SpanlogProcessor = spanlogProcessor({ level: 'info' });
export const provider = new LoggerProvider({
  processors: [redactionProcessor({ keys: ['loyalty_number'] }), samplingProcessor({ rate: 0.1, next }), own],
});
register({ destinations: [sdkExporter(exporter, { maxRecords: 100 })] });
export const text: string = createRedactor().redactText('password=x');
export const balanced: boolean = own.ledger().balanced;

// @ts-expect-error a stage that can drop needs what comes next
samplingProcessor({ rate: 0.1 });
// @ts-expect-error no exporter
sdkExporter({});
`;

/** The subpaths for what an application runs on, each used once as it is meant to be; needs the types of Node only. */
export const TYPED_SUBPATHS_APPLICATION = `
import { createServer } from 'node:http';
import { bridgeConsole, bridgeDebug, bridgePino, bridgeWarnings, pinoStream, winstonTransport, type DebugModule } from 'spanlog/bridges';
import { requestLogging as express, type RequestLoggingOptions } from 'spanlog/express';
import { requestLogging as fastify } from 'spanlog/fastify';
import { requestLogging as fetching } from 'spanlog/fetch';
import { requestLogging as hono } from 'spanlog/hono';
import { requestLogging as koa } from 'spanlog/koa';
import { requestLogging as node } from 'spanlog/node';
import { getLogger, timed, type Flow, type Timer } from 'spanlog';

declare const debug: DebugModule;
const closes: (() => void)[] = [bridgeConsole({ passThrough: false }), bridgePino(), bridgeDebug(debug), bridgeWarnings()];
const options: RequestLoggingOptions = { slowMs: 500, level: { '4xx': 'warn' }, quiet: ['/ping'] };
export const server = createServer(node(options)((request, response) => void response.end(request.url)));
export const all = [closes, pinoStream({ destination: process.stdout }), winstonTransport(), express(options), fastify, fetching, hono(), koa(), timed];
export const timer: Timer = getLogger('shop').time('sync');
export const flow: Flow = getLogger('shop').flow('sale', { order_id: 7 });
export const placed: void = getLogger('shop').info\`charged \${{ amount: 7 }}\`;

// @ts-expect-error no such option
express({ slow: 500 });
// @ts-expect-error that is no debug package
bridgeDebug({});
`;

/** What `spanlog/testing` is for; behind the example of its page. */
export const TYPED_TESTING_APPLICATION = `
import { assertNoSecrets, findSecrets, type Finding, type RedactOptions, type SecretSearch } from 'spanlog/testing';

const redact: RedactOptions = { keys: ['loyalty_number'] };
const search: SecretSearch = { secrets: ['hunter2'], except: ['email'], redact };
assertNoSecrets({ a: 1 }, search);
export const found: readonly Finding[] = findSecrets('x');

// @ts-expect-error no such option
findSecrets('x', { secret: ['hunter2'] });
`;

/** The declarations of vitest that a matcher of one's own touches, in the shape that they have in vitest 3.2 and later. */
export const TEST_RUNNER_TYPES = `
export interface Matchers<T = any> {}
export interface Assertion<T = any> extends Matchers<T> { not: Assertion<T> }
type Matcher = (received: any, ...expected: any[]) => { pass: boolean; message: () => string } | Promise<{ pass: boolean; message: () => string }>;
export declare const expect: { <T>(actual: T, message?: string): Assertion<T>; extend(matchers: Record<string, Matcher>): void };
`;
