import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import type { Peer } from '../peer.ts';
import { startSdkPeer } from './sdk-provider.ts';

export const peer: Peer = {
  title: 'sdk-logs + OTLP protobuf',
  packages: ['@opentelemetry/sdk-logs', '@opentelemetry/exporter-logs-otlp-proto'],
  start: (options) =>
    Promise.resolve(startSdkPeer(new OTLPLogExporter({ url: `${options.endpoint}/v1/logs` }), options)),
};
