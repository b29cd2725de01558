import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import type { Peer } from '../peer.ts';
import { startSdkPeer } from './sdk-provider.ts';

export const peer: Peer = {
  title: 'sdk-logs + OTLP JSON',
  packages: ['@opentelemetry/sdk-logs', '@opentelemetry/exporter-logs-otlp-http'],
  start: (options) =>
    Promise.resolve(startSdkPeer(new OTLPLogExporter({ url: `${options.endpoint}/v1/logs` }), options)),
};
