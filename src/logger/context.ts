import { AsyncLocalStorage } from 'node:async_hooks';
import type { Intake } from '../core/intake.ts';
import type { Recorder, Recording } from '../core/recorder.ts';
import type { BaggageFields } from './baggage-fields.ts';
import { Bound } from './bound-fields.ts';
import { isExpected } from './exception.ts';
import type { Fields } from './fields.ts';
import { outcomeOf } from './outcome.ts';
import { watchScope } from './recorded-scope.ts';

/** The request that is being served; scopes inside it inherit it. */
export interface ActiveRequest {
  /** What `request_id` says, and what outgoing requests carry on. */
  readonly id: string;
  /** Set where the flight recorder is on; whoever serves the request calls it at the end, once. */
  ended?: (isSlow: boolean, failure: { readonly error: unknown } | undefined) => void;
}

/** One `withContext` scope; `bindContext` replaces its fields for everything that still runs inside it. */
interface ContextScope {
  fields: Bound | undefined;
  readonly request: ActiveRequest | undefined;
  /** What the flight recorder has of the outermost scope around this one, or of the request. */
  readonly recording: Recording | undefined;
}

/**
 * Fields that follow a request over every await, by AsyncLocalStorage. Each scope is its own object, so that one
 * request's `bindContext` can't be seen by another.
 */
export class LogContext {
  /** Adds what came with the request from other services; undefined when none of it is wanted. */
  baggage: BaggageFields | undefined;
  /** Undefined while nothing is recorded. */
  recorder: Recorder | undefined;
  readonly #storage = new AsyncLocalStorage<ContextScope>();

  /** Runs `fn` in a scope with `fields` added to those of the scopes around it. What `fn` throws passes through. */
  run<T>(intake: Intake, fields: Fields, fn: () => T, request?: ActiveRequest): T {
    const outer = this.#storage.getStore();
    const { recorder } = this;
    // A server that is started inside of a scope serves all its requests in there.
    const isOutermost = outer?.recording === undefined || request !== undefined;
    const own = recorder !== undefined && isOutermost ? recorder.begin() : undefined;
    const scope = {
      fields: Bound.create(intake, outer?.fields, fields),
      request: request ?? outer?.request,
      recording: own ?? outer?.recording,
    };
    if (own === undefined) return this.#storage.run(scope, fn);
    const finish = (isNeeded: boolean): void => this.recorder?.finish(own, isNeeded);
    const isNews = (error: unknown): boolean => !isExpected(error, intake.errors);
    if (request !== undefined) {
      const ended: ActiveRequest['ended'] = (isSlow, failure) =>
        finish(isSlow || (failure !== undefined && isNews(failure.error)));
      request.ended = ended;
      return this.#storage.run(scope, fn);
    }
    return watchScope(() => this.#storage.run(scope, fn), {
      finished: () => finish(false),
      failed: (error) => finish(outcomeOf(error) === 'failure' && isNews(error)),
      returned: () => this.recorder?.leave(own),
    });
  }

  /** What the flight recorder has of the scope that runs here. */
  recording(): Recording | undefined {
    return this.#storage.getStore()?.recording;
  }

  /** The request that is being served here. */
  request(): ActiveRequest | undefined {
    return this.#storage.getStore()?.request;
  }

  /** Adds to the innermost scope; false when there is none. */
  bind(intake: Intake, fields: Fields): boolean {
    const scope = this.#storage.getStore();
    if (scope === undefined) return false;
    scope.fields = Bound.create(intake, scope.fields, fields);
    return true;
  }

  /** The fields in force here. */
  active(intake: Intake): Bound | undefined {
    const fields = this.#storage.getStore()?.fields?.under(intake);
    return this.baggage === undefined ? fields : this.baggage(intake, fields);
  }
}
