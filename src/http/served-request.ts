import { AsyncResource } from 'node:async_hooks';
import { types } from 'node:util';
import type { SpanContext } from '@opentelemetry/api';
import { SEVERITY } from '../core/level.ts';
import type { LevelName } from '../core/level.ts';
import type { ActiveRequest } from '../logger/context.ts';
import { PROBLEM_KEY } from '../logger/fields.ts';
import type { Logger } from '../logger/logger.ts';
import { withRemoteParent } from './remote-parent.ts';
import type { RequestHead, RequestLogParts } from './request-log.ts';
import { judge } from './request-outcome.ts';
import type { Ending, RequestOutcome } from './request-outcome.ts';
import type { RequestSettings } from './request-settings.ts';

/** An EventEmitter, by its shape: declarations are to need no types of Node. */
export interface Emitter {
  emit(event: string | symbol, ...args: unknown[]): boolean;
}

export interface ServedRequestParts<Request> {
  readonly settings: RequestSettings<Request>;
  readonly head: RequestHead<Request>;
  readonly path: string;
  readonly id: string;
  /** The caller's span. */
  readonly parent: SpanContext | undefined;
  readonly logger: Logger;
  readonly withContext: RequestLogParts['withContext'];
  /** Which request the running code belongs to, as an AsyncLocalStorage tells. */
  readonly current: {
    getStore(): ServedRequest<Request> | undefined;
    run<T>(served: ServedRequest<Request>, fn: () => T): T;
  };
  readonly ignored: boolean;
  readonly quiet: boolean;
}

/** Nobody watches for the end of the resource: without it each one costs a weak reference. */
const UNWATCHED = { requireManualDestroy: true } as const;

/**
 * One request from its first record to its last.
 *
 * States: opened, `run` (once: the scope is entered, the start is logged), ended (once: whatever comes first of the
 * response's last byte, its closing and a failure that nobody answers). What is reported later changes nothing.
 */
export class ServedRequest<Request> {
  readonly id: string;
  /** Finds the route when the request ends; set by the adapter that knows. */
  route: (() => string | undefined) | undefined;
  readonly #parts: ServedRequestParts<Request>;
  readonly #startedAt = performance.now();
  /** Enters the scope again, from wherever an event comes. */
  #scope: AsyncResource | undefined;
  /** As others see it; the flight recorder asks here for its end. */
  readonly #active: ActiveRequest;
  #error: unknown;
  #unanswered = false;
  #ended = false;

  constructor(parts: ServedRequestParts<Request>) {
    this.#parts = parts;
    this.id = parts.id;
    this.#active = { id: parts.id };
  }

  /**
   * Says how the route is found, unless an adapter has said so. A method, and no assignment at each request: V8 takes a
   * function that is written where a property is assigned for a method of some class, and puts it into the old
   * generation, from where it holds its whole request until the next full collection (a third of the cost of a request).
   */
  routeBy(find: () => string | undefined): void {
    this.route ??= find;
  }

  /** Runs the application's part of the request in its scope. What it returns or throws passes through. */
  run<T>(fn: () => T): T {
    const { withContext, parent, current } = this.#parts;
    const inside = (): T => {
      // What `AsyncLocalStorage.snapshot()` does, for a ninth of the time.
      this.#scope = new AsyncResource('SpanlogRequest', UNWATCHED);
      this.#logStart();
      return fn();
    };
    const scoped = (): T => withRemoteParent(parent, () => current.run(this, inside));
    return withContext({ request_id: this.id }, scoped, this.#active);
  }

  /** Runs `fn` in the scope of the request, wherever the call comes from; in the scope that is, where that is inside. */
  within<T>(fn: () => T): T {
    if (this.#scope === undefined || this.#parts.current.getStore() === this) return fn();
    return this.#scope.runInAsyncScope(fn);
  }

  /**
   * Lets the listeners of an emitter run in the scope: the events of a request and its response come from the socket,
   * which knows of no request.
   */
  bind(emitter: Emitter, watch?: (event: unknown) => void): void {
    const emit = emitter.emit.bind(emitter) as (...args: unknown[]) => boolean;
    const emitting = (...args: unknown[]): boolean => {
      watch?.(args[0]);
      return this.within(() => emit(...args));
    };
    // Not seen by what copies or compares requests.
    Object.defineProperty(emitter, 'emit', { value: emitting, configurable: true, writable: true, enumerable: false });
  }

  /** Notes why the request fails. The first reason counts: later ones are mostly of its making. */
  fail(error: unknown): void {
    this.#error ??= error ?? new Error(`the handler failed with ${String(error)}`);
  }

  /** The handler failed, and nothing is there that would answer: the end, unless the response is on its way already. */
  failUnanswered(error: unknown, ending: Ending | undefined): void {
    this.fail(error);
    this.#unanswered = true;
    if (ending !== undefined) this.end(ending);
  }

  /** True once its end was reported. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Logs the end, the first time it is called. Never throws. */
  end(ending: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    const { settings, head, path, ignored } = this.#parts;
    if (ignored) {
      this.#active.ended?.(false, undefined);
      return;
    }
    const outcome: RequestOutcome = {
      ...judge(ending, this.#error, this.#unanswered),
      method: head.method,
      path,
      route: this.#findRoute(),
      durationMs: Math.round((performance.now() - this.#startedAt) * 1_000) / 1_000,
      bytes: ending.bytes,
      error: this.#error,
    };
    const isSlow = outcome.durationMs >= settings.slowMs;
    const isNeeded = isSlow || outcome.kind === 'failed';
    // What the flight recorder lets out stands before the end; an end that it holds itself stands among the rest.
    const settle = (): void =>
      this.#active.ended?.(isSlow, outcome.kind === 'failed' ? { error: outcome.error } : undefined);
    if (isNeeded) settle();
    this.#logEnd(outcome);
    if (!isNeeded) settle();
  }

  #logEnd(outcome: RequestOutcome): void {
    const { settings, path } = this.#parts;
    const problems: string[] = [];
    const level = this.#levelOf(outcome, problems);
    if (level === undefined) return;
    const fields = {
      method: outcome.method,
      path,
      ...(outcome.route !== undefined && { route: outcome.route }),
      status: outcome.status,
      duration_ms: outcome.durationMs,
      ...(outcome.bytes !== undefined && { bytes: outcome.bytes }),
      ...this.#aboutClient(problems),
      ...(outcome.durationMs >= settings.slowMs && { slow: true }),
      ...(outcome.kind === 'failed' || outcome.error === undefined ? {} : { 'error.type': typeOf(outcome.error) }),
      ...this.#userFields(outcome, problems),
      ...(problems.length > 0 && { [PROBLEM_KEY]: problems.join('; ') }),
    };
    // The stack of an error that became a 404 would be noise; its type stands in the fields.
    const error = outcome.kind === 'failed' ? outcome.error : undefined;
    this.within(() => this.#parts.logger[level](`request_${outcome.kind}`, fields, error));
  }

  #logStart(): void {
    const { settings, head, path, ignored, quiet, logger } = this.#parts;
    if (ignored || settings.startLevel === undefined) return;
    const level = quiet ? lower(settings.startLevel, 'debug') : settings.startLevel;
    logger[level]('request_started', {
      method: head.method,
      path,
      ...(head.route !== undefined && { route: head.route }),
    });
  }

  #levelOf(outcome: RequestOutcome, problems: string[]): LevelName | undefined {
    const { settings, quiet } = this.#parts;
    let level: LevelName | undefined = outcome.kind === 'failed' ? 'error' : 'info';
    try {
      level = settings.levelOf(outcome);
    } catch (error) {
      problems.push(`the option level threw: ${messageOf(error)}`);
    }
    if (level === undefined) return undefined;
    if (outcome.durationMs >= settings.slowMs) return higher(level, 'warn');
    return quiet && outcome.kind !== 'failed' ? lower(level, 'debug') : level;
  }

  #findRoute(): string | undefined {
    try {
      return this.route?.() ?? this.#parts.head.route;
    } catch {
      // A framework whose insides have changed: the path is still there.
      return undefined;
    }
  }

  #aboutClient(problems: string[]): Record<string, unknown> {
    const { settings, head } = this.#parts;
    const { clientAddress } = settings;
    const about: Record<string, unknown> = {};
    try {
      const agent = settings.userAgent ? head.header('user-agent') : undefined;
      if (typeof agent === 'string' && agent !== '') about['user_agent.original'] = agent;
      const address =
        typeof clientAddress === 'function' ? clientAddress(head.request) : clientAddress && head.address();
      if (typeof address === 'string') about['client.address'] = address;
    } catch (error) {
      problems.push(`the option clientAddress threw: ${messageOf(error)}`);
    }
    return about;
  }

  #userFields(outcome: RequestOutcome, problems: string[]): Record<string, unknown> | undefined {
    const { settings, head } = this.#parts;
    try {
      const fields: unknown = settings.fields?.(head.request, outcome);
      if (types.isPromise(fields)) {
        problems.push('the option fields must return the fields, got a promise');
        // Nobody else holds it: what it rejects with would end the process.
        void Promise.prototype.catch.call(fields, () => undefined);
        return undefined;
      }
      if (fields === undefined || fields === null) return undefined;
      if (typeof fields === 'object' && !Array.isArray(fields)) return { ...fields };
      problems.push('the option fields must return an object');
    } catch (error) {
      problems.push(`the option fields threw: ${messageOf(error)}`);
    }
    return undefined;
  }
}

function lower(a: LevelName, b: LevelName): LevelName {
  return SEVERITY[a] < SEVERITY[b] ? a : b;
}

function higher(a: LevelName, b: LevelName): LevelName {
  return SEVERITY[a] > SEVERITY[b] ? a : b;
}

/** The class of an error, as `exception.type` has it; a thrown text is no class. */
function typeOf(error: unknown): string {
  try {
    return error instanceof Error ? error.constructor.name : typeof error;
  } catch {
    // A revoked proxy was thrown.
    return 'unreadable';
  }
}

function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    // Nothing can be said of it.
    return 'an unreadable error';
  }
}
