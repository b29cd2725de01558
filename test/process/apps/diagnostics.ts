/** Everything that spanlog says of itself quotes what only the user's own rules hide: `diagnostics.ts register|processor`. */
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { otlp, sdkExporter } from '../../../src/destinations.ts';
import { register } from '../../../src/index.ts';
import type { Options } from '../../../src/index.ts';
import { spanlogProcessor } from '../../../src/processors.ts';

const options: Options = {
  redact: { patterns: { ticket: /TICKET-\d{6}/ }, keys: ['internal_note'] },
  level: 'TICKET-000002 internal_note=n0te-2' as 'info',
  destinations: [
    otlp(),
    sdkExporter({
      export: () => {
        throw new Error('no room for TICKET-000003, internal_note=n0te-3');
      },
      shutdown: () => Promise.resolve(),
    }),
  ],
};

if (process.argv[2] === 'register') {
  const logging = register(options);
  logging.getLogger('app').info('hello');
  await logging.shutdown({ timeoutMs: 1_000 });
} else {
  const provider = new LoggerProvider({ processors: [spanlogProcessor(options)] });
  provider.getLogger('app').emit({ body: 'hello' });
  await provider.shutdown();
}
