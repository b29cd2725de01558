import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import type { Peer } from '../peer.ts';
import { BOUND_FIELDS } from '../peer.ts';
import { startSdkPeer } from './sdk-provider.ts';

export const peer: Peer = {
  title: 'sdk-logs + OTLP protobuf, ten attributes',
  packages: ['@opentelemetry/sdk-logs', '@opentelemetry/exporter-logs-otlp-proto'],
  start(options) {
    const exporter = new OTLPLogExporter({ url: `${options.endpoint}/v1/logs` });
    // Its loggers have no children: spreading is what people write instead.
    return Promise.resolve(startSdkPeer(exporter, options, (fields) => ({ ...BOUND_FIELDS, ...fields })));
  },
};
