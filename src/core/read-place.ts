/** An object on the way from the root to the value being read. A chain, so that a getter that logs can't disturb it. */
export interface Place {
  readonly object: object;
  /** Under which it stands; `undefined` for a root, and for what a `toJSON` returned in another's place. */
  readonly key: string | undefined;
  readonly parent: Place | undefined;
  /** Containers above it. */
  readonly depth: number;
}

/** The keys from the root down to `key` under `parent`. */
export function pathTo(key: string, parent: Place | undefined): readonly string[] {
  const path = [key];
  for (let place = parent; place !== undefined; place = place.parent) {
    if (place.key !== undefined) path.push(place.key);
  }
  return path.reverse();
}
