/**
 * For an application's own tests: that nothing secret is in what it logs, returns or stores.
 *
 * ```ts
 * assertNoSecrets(logLines, { secrets: [testUser.password] });
 * expect.extend(matchers);
 * expect(response.body).toLeakNoSecrets();
 * ```
 */
export { assertNoSecrets, findSecrets } from './testing/secrets.ts';
export type { SecretSearch } from './testing/secrets.ts';
export { matchers } from './testing/matchers.ts';
export type { SecretMatchers } from './testing/matchers.ts';
export type { RedactOptions } from './config/options.ts';
export type { Finding } from './pipeline/redact/report.ts';
