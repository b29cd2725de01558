import { ENDPOINT, endpoint, logsUrl } from './endpoint-type.ts';
import type { OtlpOptions } from './options.ts';
import type { PemFile } from './pem-file-type.ts';
import { belongTogether } from './pem-file-type.ts';
import type { OtlpSettings, TlsSettings } from './resolved-settings.ts';
import type { Found, OptionsNode } from './setting-reader.ts';
import { namesUnder, SettingReader } from './setting-reader.ts';
import type { SettingProblem } from '../core/errors.ts';
import { SETTINGS } from './settings.ts';

const GRPC_FIX =
  'spanlog speaks OTLP over HTTP: http/protobuf is used, with port 4318 in place of 4317. ' +
  'Set OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/protobuf to say so, or for gRPC give destinations: ' +
  '[sdkExporter(new OTLPLogExporter())] with the exporter of @opentelemetry/exporter-logs-otlp-grpc.';

/** One OTLP destination from its options and `OTEL_EXPORTER_OTLP_*`, for callers that need nothing else. */
export function resolveOtlp(
  options: OtlpOptions,
  env: NodeJS.ProcessEnv,
): { otlp: OtlpSettings; problems: readonly SettingProblem[] } {
  const reader = new SettingReader(env);
  const node = reader.open({ name: 'otlp', value: options }, namesUnder('otlp'));
  return { otlp: readOtlp(reader, node, 'otlp'), problems: reader.problems };
}

/** Whether environment or file say where OTLP should go. A malformed address says nothing, and is reported. */
export function hasOtlpEndpoint(reader: SettingReader): boolean {
  return urlFromElsewhere(reader) !== undefined;
}

/** Reads the settings of one destination; `label` is its name in `explain`. */
export function readOtlp(reader: SettingReader, node: OptionsNode, label: string): OtlpSettings {
  const protocol = reader.read('otlp.protocol', node.get('protocol'));
  if (protocol.value === 'grpc') {
    const setting = protocol.origin === 'code' ? `${node.name}.protocol` : 'otlp.protocol';
    reader.report(setting, protocol.origin, { code: 'SPANLOG_GRPC_UNSUPPORTED', fix: GRPC_FIX, value: 'grpc' });
  }
  const spoken: OtlpSettings['protocol'] = protocol.value === 'http/json' ? 'http/json' : 'http/protobuf';
  reader.explain('otlp.protocol', { value: spoken, origin: protocol.origin }, `${label}.protocol`);

  const found = readUrl(reader, node);
  const url = new URL(found.value);
  const headers = new Map(reader.take('otlp.headers', node.get('headers'), `${label}.headers`));
  moveCredentials(url, headers);
  reader.explain('otlp.url', { value: url.href, origin: found.origin }, `${label}.url`);

  return {
    url: url.href,
    protocol: spoken,
    headers: Object.fromEntries(headers),
    compression: reader.take('otlp.compression', node.get('compression'), `${label}.compression`),
    timeoutMs: reader.take('otlp.timeoutMs', node.get('timeoutMs'), `${label}.timeoutMs`),
    tls: readTls(reader, node, label),
  };
}

/** A URL in code wins over a base in code, and both over variables, among which the one for logs wins. */
function readUrl(reader: SettingReader, node: OptionsNode): Found<string> {
  const url = reader.fromCode('otlp.url', node.get('url'));
  if (url !== undefined) return url;
  const base = reader.fromCode('otlp.endpoint', node.get('endpoint'));
  if (base !== undefined) return { value: logsUrl(base.value), origin: base.origin };
  return urlFromElsewhere(reader) ?? { value: logsUrl(SETTINGS['otlp.endpoint'].fallback), origin: 'default' };
}

function urlFromElsewhere(reader: SettingReader): Found<string> | undefined {
  const grpc = reader.read('otlp.protocol').value === 'grpc';
  const type = grpc ? endpoint(reader.read('otlp.insecure').value ? 'http' : 'https') : ENDPOINT;
  for (const { value, origin } of reader.fromEnv('otlp.url', type)) {
    // An address for gRPC has no path; for HTTP it would be the collector's root.
    const isGrpcAddress = grpc && new URL(value).pathname === '/';
    return { value: isGrpcAddress ? logsUrl(httpPort(value)) : value, origin };
  }
  for (const { value, origin } of reader.fromEnv('otlp.endpoint', type)) {
    return { value: logsUrl(grpc ? httpPort(value) : value), origin };
  }
  const url = reader.fromFile('otlp.url', type);
  if (url !== undefined) return url;
  const base = reader.fromFile('otlp.endpoint', type);
  return base === undefined
    ? undefined
    : { value: logsUrl(grpc ? httpPort(base.value) : base.value), origin: base.origin };
}

/** Where the same collector most likely listens for HTTP: its other standard port. */
function httpPort(address: string): string {
  const url = new URL(address);
  if (url.port === '4317') url.port = '4318';
  return url.href;
}

/** `https://user:password@host` becomes a header: HTTP clients refuse it in a URL, and logs would show it. */
function moveCredentials(url: URL, headers: Map<string, string>): void {
  if (url.username === '' && url.password === '') return;
  const pair = `${percentDecoded(url.username)}:${percentDecoded(url.password)}`;
  if (!headers.has('authorization')) headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  url.username = '';
  url.password = '';
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A `%` that encodes nothing stands for itself.
    return text;
  }
}

function readTls(reader: SettingReader, node: OptionsNode, label: string): TlsSettings {
  const ca = reader.take('otlp.certificate', node.get('certificate'), `${label}.certificate`);
  const certificate = reader.read('otlp.clientCertificate', node.get('clientCertificate'));
  const key = reader.read('otlp.clientKey', node.get('clientKey'));
  if (certificate.value === undefined || key.value === undefined) {
    // A half that was given and could not be read has been reported by itself.
    const halves =
      Number(reader.isGiven('otlp.clientCertificate', node.get('clientCertificate'))) +
      Number(reader.isGiven('otlp.clientKey', node.get('clientKey')));
    if (certificate.value !== undefined && halves === 1) reportPair(reader, node, 'clientCertificate', certificate);
    if (key.value !== undefined && halves === 1) reportPair(reader, node, 'clientKey', key);
    return { ca: ca?.content, cert: undefined, key: undefined };
  }
  if (!belongTogether(certificate.value, key.value)) {
    reportPair(reader, node, 'clientKey', key);
    return { ca: ca?.content, cert: undefined, key: undefined };
  }
  reader.explain('otlp.clientCertificate', certificate, `${label}.clientCertificate`);
  reader.explain('otlp.clientKey', key, `${label}.clientKey`);
  return { ca: ca?.content, cert: certificate.value.content, key: key.value.content };
}

function reportPair(
  reader: SettingReader,
  node: OptionsNode,
  half: 'clientCertificate' | 'clientKey',
  found: Found<PemFile | undefined>,
): void {
  reader.report(found.origin === 'code' ? `${node.name}.${half}` : `otlp.${half}`, found.origin, {
    code: 'SPANLOG_CONFLICT',
    fix: 'Give a client certificate and the private key that belongs to it, or neither; neither is used.',
    value: found.value?.path,
  });
}
