/** One record of a library's call, as one of its ways here sees it. */
export interface Sighting {
  readonly library: string;
  /** Kind of way: `stream`, `channel`, `transport`, `otel`, … */
  readonly route: string;
  /** What of the call every way sees alike: its text. */
  readonly key: string;
  /** An object that belongs to this one call, where the library shows it. */
  readonly token?: object | undefined;
  /** The very stream, transport or subscription that saw it. */
  readonly via?: object | undefined;
}

interface Call {
  readonly key: string;
  token: object | undefined;
  readonly routes: Set<string>;
  readonly vias: Set<object>;
}

/**
 * Tells when one call of a library arrives on a second way: by our transport and by OpenTelemetry's, by pino's stream and
 * by its channel. Whichever comes first is the record.
 *
 * All ways of one call are walked before the library returns, one right after the other. So only the latest record of a
 * library is compared, only with what came on another way, and only until the stretch of synchronous code ends. Where
 * both ways show an object of the call's own the answer is exact; where one is the OTel API, which copies, the text
 * decides. Libraries with one way open cost nothing but the question.
 */
export class Repeats {
  /** How many ways are open, by library. */
  readonly #open = new Map<string, number>();
  readonly #latest = new Map<string, Call>();
  readonly #kinds = new Set<string>();
  #clears = false;

  /** A way of that library opens. They are not closed again: whether records still come is for them to show. */
  open(library: string, route: string, once = false): void {
    const kind = `${library} ${route}`;
    if (once && this.#kinds.has(kind)) return;
    this.#kinds.add(kind);
    this.#open.set(library, (this.#open.get(library) ?? 0) + 1);
  }

  /** Whether a record was seen already; if not, it is remembered until this stretch of synchronous code ends. */
  isRepeat(sighting: Sighting): boolean {
    const { library, route, key, token, via } = sighting;
    if ((this.#open.get(library) ?? 0) < 2) return false;
    const latest = this.#latest.get(library);
    if (latest !== undefined && isSameCall(latest, sighting)) {
      latest.token ??= token;
      latest.routes.add(route);
      if (via !== undefined) latest.vias.add(via);
      return true;
    }
    this.#latest.set(library, { key, token, routes: new Set([route]), vias: new Set(via === undefined ? [] : [via]) });
    if (!this.#clears) {
      this.#clears = true;
      queueMicrotask(() => {
        this.#clears = false;
        this.#latest.clear();
      });
    }
    return false;
  }
}

/** The same way twice is a new call, however alike. */
function isSameCall(call: Call, { route, key, token, via }: Sighting): boolean {
  if (call.token !== undefined && token !== undefined) {
    return call.token === token && (via === undefined || !call.vias.has(via));
  }
  return call.key === key && !call.routes.has(route);
}

/** A body as the text that ways are compared by. */
export function repeatKey(body: unknown): string {
  if (typeof body === 'string') return body;
  try {
    return body === undefined ? '' : JSON.stringify(body);
  } catch {
    // A cycle or a bigint: such bodies are told apart from texts, not from each other.
    return '[object]';
  }
}
