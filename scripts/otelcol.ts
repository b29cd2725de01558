/**
 * `npm run otelcol`: finds or builds the OpenTelemetry Collector of the tests and prints its path as the last line.
 *
 * Everything else goes to stderr, so `OTELCOL_BIN=$(npm run --silent otelcol)` works.
 */
import { missingCollectorMessage, searchCollector } from '../test/support/otelcol-binary.ts';

try {
  const search = await searchCollector({ build: true, onProgress: (line) => console.error(line) });
  if (search.path === undefined) {
    console.error(missingCollectorMessage(search.tried));
    process.exitCode = 1;
  } else {
    console.log(search.path);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
