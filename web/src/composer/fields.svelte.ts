import { untrack } from 'svelte';
import type { Form } from './form.svelte';
import { requires } from './rules';

/** What a post has besides its text and what is added to it, in the order in which it is offered. */
export const FIELDS = ['title', 'section', 'colour'] as const;
export type FieldName = (typeof FIELDS)[number];

/**
 * Which fields are there: those that the wall asks for, those that say something
 * already, and those that the person has asked for. The others are one button
 * away, so that a post begins with its text alone.
 */
export class Fields {
  readonly #form: Form;
  #asked = $state.raw<ReadonlySet<FieldName>>(new Set());

  constructor(form: Form) {
    this.#form = form;
  }

  /** Those that said something when the form was last filled: one that is emptied by hand stays. */
  readonly #filled: ReadonlySet<FieldName> = $derived.by(() => {
    const form = this.#form;
    form.bodyVersion;
    return untrack(() => new Set(FIELDS.filter((field) => form[field].trim() !== '')));
  });

  /** Whether this wall has such a field for this person. Reactive. */
  has(field: FieldName): boolean {
    const { rules } = this.#form;
    if (field === 'section') return (rules?.sections.length ?? 0) > 0;
    return field === 'title' || !rules?.settings.plainPosts;
  }

  /** Reactive. */
  shows(field: FieldName): boolean {
    if (!this.has(field)) return false;
    const needed = field !== 'colour' && requires(this.#form.rules, field);
    const fault = this.#form.faults[field] !== undefined;
    return needed || fault || this.#filled.has(field) || this.#asked.has(field);
  }

  /** Those that can be asked for. Reactive. */
  get offered(): readonly FieldName[] {
    return FIELDS.filter((field) => this.has(field) && !this.shows(field));
  }

  ask(field: FieldName): void {
    this.#asked = new Set([...this.#asked, field]);
  }
}
