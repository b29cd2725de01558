import { AsyncLocalStorage } from 'node:async_hooks';
import type { Intake } from '../core/intake.ts';
import { Bound } from './bound-fields.ts';
import type { Fields } from './fields.ts';

/** One `withContext` scope; `bindContext` replaces its fields for everything that still runs inside it. */
interface ContextScope {
  fields: Bound | undefined;
}

/**
 * Fields that follow a request over every await, by AsyncLocalStorage. Each scope is its own object, so that one
 * request's `bindContext` can't be seen by another.
 */
export class LogContext {
  readonly #storage = new AsyncLocalStorage<ContextScope>();

  /** Runs `fn` in a scope with `fields` added to those of the scopes around it. What `fn` throws passes through. */
  run<T>(intake: Intake, fields: Fields, fn: () => T): T {
    const outer = this.#storage.getStore()?.fields;
    return this.#storage.run({ fields: Bound.create(intake, outer, fields) }, fn);
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
    return this.#storage.getStore()?.fields?.under(intake);
  }
}
