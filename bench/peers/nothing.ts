import type { OrderFields, Peer } from '../peer.ts';

/** Kept, so that making the fields can't be optimised away. */
export const last: { fields: OrderFields | undefined } = { fields: undefined };

export const peer: Peer = {
  title: 'the empty loop',
  packages: [],
  start: () =>
    Promise.resolve({
      log(fields: OrderFields): void {
        last.fields = fields;
      },
      debug(): void {
        // Nothing, which is what a disabled call should come near to.
      },
      drain: () => Promise.resolve(),
    }),
};
