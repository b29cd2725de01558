import { AsyncLocalStorage } from 'node:async_hooks';
import type { Intake } from '../core/intake.ts';
import type { BaggageFields } from './baggage-fields.ts';
import { Bound } from './bound-fields.ts';
import type { Fields } from './fields.ts';

/** The request that is being served; scopes inside it inherit it. */
export interface ActiveRequest {
  /** What `request_id` says, and what outgoing requests carry on. */
  readonly id: string;
}

/** One `withContext` scope; `bindContext` replaces its fields for everything that still runs inside it. */
interface ContextScope {
  fields: Bound | undefined;
  readonly request: ActiveRequest | undefined;
}

/**
 * Fields that follow a request over every await, by AsyncLocalStorage. Each scope is its own object, so that one
 * request's `bindContext` can't be seen by another.
 */
export class LogContext {
  /** Adds what came with the request from other services; undefined when none of it is wanted. */
  baggage: BaggageFields | undefined;
  readonly #storage = new AsyncLocalStorage<ContextScope>();

  /** Runs `fn` in a scope with `fields` added to those of the scopes around it. What `fn` throws passes through. */
  run<T>(intake: Intake, fields: Fields, fn: () => T, request?: ActiveRequest): T {
    const outer = this.#storage.getStore();
    const scope = { fields: Bound.create(intake, outer?.fields, fields), request: request ?? outer?.request };
    return this.#storage.run(scope, fn);
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
