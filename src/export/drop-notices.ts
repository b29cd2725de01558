import type { Drops } from '../core/sink.ts';
import type { DropTally } from './drop-tally.ts';
import type { Timers } from './timers.ts';

/** How often it is looked whether the pressure is over. */
const LOOK_MS = 1_000;

/** Tells what a destination had to drop for want of room, once there is room again. */
export class DropNotices {
  /** Takes what is to be told. */
  tell: (drops: Drops) => void = () => undefined;
  readonly #tallies: readonly DropTally[];
  readonly #isUnderPressure: () => boolean;
  readonly #timers: Timers;
  #cancel: (() => void) | undefined;

  constructor(tallies: readonly DropTally[], isUnderPressure: () => boolean, timers: Timers) {
    this.#tallies = tallies;
    this.#isUnderPressure = isUnderPressure;
    this.#timers = timers;
    for (const tally of tallies) tally.onFirst = () => this.#lookLater();
  }

  /** Tells now: there may be no later. */
  tellNow(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const tally of this.#tallies) {
      const drops = tally.take();
      if (drops !== undefined) this.tell(drops);
    }
  }

  #lookLater(): void {
    this.#cancel ??= this.#timers.after(
      LOOK_MS,
      () => {
        this.#cancel = undefined;
        if (this.#isUnderPressure()) this.#lookLater();
        else this.tellNow();
      },
      false,
    );
  }
}
