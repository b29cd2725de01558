/** The caller's environment without anything that would set up OpenTelemetry or a logger differently. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(OTEL_|SPANLOG_|NODE_OPTIONS$)/.test(name));
  return { ...Object.fromEntries(kept), OTEL_SERVICE_NAME: 'bench' };
}
