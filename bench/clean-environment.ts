/** Records are counted for the notice, as by default; none comes, for it would be one more than was logged. */
const UNHEARD = { SPANLOG_RATE_LIMIT_NOTICE_PER_MINUTE: '1000000000' };

/** The caller's environment without anything that would set up OpenTelemetry or a logger differently. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(OTEL_|SPANLOG_|NODE_OPTIONS$)/.test(name));
  return { ...Object.fromEntries(kept), OTEL_SERVICE_NAME: 'bench', ...UNHEARD };
}
