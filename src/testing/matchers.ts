import { findSecrets, leakMessage } from './secrets.ts';
import type { SecretSearch } from './secrets.ts';

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** To be merged into the `Matchers` of vitest 3.2 and later, and of jest. */
export interface SecretMatchers<R = unknown> {
  toLeakNoSecrets(search?: SecretSearch): R;
}

/** For `expect.extend(matchers)` of vitest and jest. */
export const matchers: { readonly toLeakNoSecrets: (received: unknown, search?: SecretSearch) => MatcherResult } = {
  toLeakNoSecrets(received, search) {
    const found = findSecrets(received, search);
    return {
      pass: found.length === 0,
      message: () => (found.length === 0 ? 'no secrets are shown, and some were expected' : leakMessage(found)),
    };
  },
};
