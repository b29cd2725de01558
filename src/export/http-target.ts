import { urlToHttpOptions } from 'node:url';
import type { OtlpSettings, TlsSettings } from '../config/resolved-settings.ts';
import type { Outcome } from '../core/transport.ts';
import { outcomeOf, withoutSecrets } from './outcome.ts';
import type { HttpAnswer } from './outcome.ts';

/** Where and how requests are sent. Plain data: it is also handed to the thread that sends at exit. */
export interface HttpTarget {
  readonly secure: boolean;
  /** `http.request` options without agent and headers; a user and password in the URL become `auth`. */
  readonly options: Readonly<Record<string, string | number | undefined>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsSettings;
  /** zlib's options, or none when bodies go as they are. */
  readonly gzip: { readonly level: number } | undefined;
  /** From connecting to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Decompressed bytes of an answer that may be read (OTLP specification: 4 MiB). */
  readonly maxResponseBytes: number;
}

/** Why there is no complete answer. */
export interface HttpFailure {
  /** A Node error code (`ECONNREFUSED`), or one of ours: `timeout`, `aborted`, `incomplete`, `interim`. */
  readonly code: string;
}

export interface HttpTargetOptions extends Pick<OtlpSettings, 'url' | 'headers' | 'compression' | 'timeoutMs' | 'tls'> {
  /** Ours, for the User-Agent. */
  readonly version: string;
}

/** Measured on log records: 5 % larger than at zlib's default of 6, for a third of the CPU. */
const GZIP_LEVEL = 1;
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/** Resolves the settings of one endpoint. The headers that describe the body are ours, all others the user's to set. */
export function createHttpTarget(options: HttpTargetOptions, contentType: string): HttpTarget {
  const url = new URL(options.url);
  const { protocol, hostname, port, path, auth } = urlToHttpOptions(url);
  const headers: Record<string, string> = {
    // OTLP specification, "User Agent": a distribution stands before the exporter's own product token.
    'user-agent': `spanlog/${options.version} OTel-OTLP-Exporter-JavaScript/${options.version}`,
  };
  for (const [name, value] of Object.entries(options.headers)) headers[name.toLowerCase()] = value;
  headers['content-type'] = contentType;
  if (options.compression === 'gzip') headers['content-encoding'] = 'gzip';
  else delete headers['content-encoding'];
  return {
    secure: url.protocol === 'https:',
    options: {
      method: 'POST',
      protocol: protocol ?? undefined,
      hostname: hostname ?? undefined,
      port: port ?? undefined,
      path: path ?? undefined,
      auth: auth ?? undefined,
    },
    headers,
    tls: options.tls,
    gzip: options.compression === 'gzip' ? { level: GZIP_LEVEL } : undefined,
    timeoutMs: options.timeoutMs,
    maxResponseBytes: MAX_RESPONSE_BYTES,
  };
}

/** Outcomes of one endpoint, their messages led by its URL: whoever reads them must know what to look at. */
export function createJudge(url: string, timeoutMs: number): (result: HttpAnswer | HttpFailure) => Outcome {
  const where = withoutSecrets(url);
  return (result) => {
    if ('code' in result) {
      const { reason, fix } = explain(result.code, timeoutMs);
      return { kind: 'retry', reason, retryAfterMs: undefined, message: `${where}: ${fix} (${result.code})` };
    }
    const outcome = outcomeOf(result, Date.now());
    return outcome.kind === 'delivered' ? outcome : { ...outcome, message: `${where}: ${outcome.message}` };
  };
}

/** What failed and what to do about it. All of it may pass, so all of it is worth another attempt. */
function explain(code: string, timeoutMs: number): { reason: string; fix: string } {
  if (code === 'timeout') {
    return { reason: 'timeout', fix: `no complete answer within ${timeoutMs} ms (OTEL_EXPORTER_OTLP_TIMEOUT).` };
  }
  if (code === 'aborted') return { reason: 'aborted', fix: 'the request was given up.' };
  if (code === 'incomplete') return { reason: 'response_broken', fix: 'the connection broke inside the answer.' };
  if (code === 'ECONNRESET' || code === 'EPIPE') return { reason: 'reset', fix: 'the connection was reset.' };
  if (code === 'ECONNREFUSED') {
    return { reason: 'connection', fix: 'no collector answers. Start one, or set OTEL_EXPORTER_OTLP_ENDPOINT.' };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return { reason: 'connection', fix: 'the host is unknown. Check OTEL_EXPORTER_OTLP_ENDPOINT.' };
  }
  if (code === 'interim') return { reason: 'response_broken', fix: 'only interim answers (1xx) came.' };
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { reason: 'response_broken', fix: 'the headers of the answer are larger than Node reads.' };
  }
  if (code.startsWith('HPE_')) {
    return { reason: 'connection', fix: 'this is no HTTP/1.1. Port 4317 is gRPC; OTLP/HTTP is on port 4318.' };
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return { reason: 'tls', fix: 'the certificate is not valid at this time. Renew it, or set the clock.' };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      reason: 'tls',
      fix: 'the certificate is for another host. Set OTEL_EXPORTER_OTLP_ENDPOINT to a host that it names.',
    };
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_|SIGNATURE/.test(code)) {
    return {
      reason: 'tls',
      fix: 'the certificate is not accepted. Set OTEL_EXPORTER_OTLP_CERTIFICATE to the PEM file of its authority.',
    };
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    return { reason: 'tls', fix: 'TLS failed. Check http against https, and the client certificate.' };
  }
  return { reason: 'connection', fix: 'the connection failed.' };
}
