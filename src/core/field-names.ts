import type { Diag } from './diag.ts';

/** How fields are to be named; each part between dots, as OTel's attributes have it. */
export type NameRule = 'snake_case' | 'camelCase' | 'kebab-case';

const RULES: Readonly<Record<NameRule, RegExp>> = {
  snake_case: /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*(?:\.[a-z][a-z0-9]*(?:_[a-z0-9]+)*)*$/,
  camelCase: /^[a-z][A-Za-z0-9]*(?:\.[a-z][A-Za-z0-9]*)*$/,
  'kebab-case': /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:\.[a-z][a-z0-9]*(?:-[a-z0-9]+)*)*$/,
};

/** What records of ours add, which has OTel's names. */
const OWN_NAME =
  /^(?:(?:exception|log|spanlog|sampling|audit)\..*|duration_ms|slow_threshold_ms|request_id|flow_id|entity_id)$/;
const MAX_TOLD = 50;
/** A longer name is data. */
const MAX_LENGTH = 128;

/** Says once of each field that its name breaks the rule. Asked where a name is new to an event, not for each record. */
export class FieldNames {
  readonly #rule: NameRule;
  readonly #diag: Diag;
  readonly #told = new Set<string>();

  constructor(rule: NameRule, diag: Diag) {
    this.#rule = rule;
    this.#diag = diag;
  }

  see(name: string): void {
    if (name.length > MAX_LENGTH || RULES[this.#rule].test(name) || OWN_NAME.test(name)) return;
    if (this.#told.has(name) || this.#told.size >= MAX_TOLD) return;
    this.#told.add(name);
    const fix = 'rename it at its calls, or by policy.rename';
    // Not to take the place of other matters in the memory of diagnostics.
    this.#diag.warn('field_name', `the field ${name} is not in ${this.#rule}, as policy.fieldNames asks: ${fix}`);
    this.#diag.clear('field_name');
  }

  /** The names that broke the rule so far. */
  get told(): readonly string[] {
    return [...this.#told];
  }
}
