import type { Person, Presence } from '../api/types';
import { t } from '../i18n/index.svelte';

/** Whose initials stand in the toolbar: others, in an order that does not change while they are here. */
export function shownOf({ people }: Presence, me: string | undefined, most: number): Person[] {
  return people
    .filter(({ id }) => id !== me)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, most);
}

/** Everybody who is named: oneself first, then by name, so that nobody jumps when they write. */
export function listOf({ people }: Presence, me: string | undefined, lang: string): Person[] {
  const mine = (person: Person) => (person.id === me ? 0 : 1);
  return people.toSorted((a, b) => mine(a) - mine(b) || a.name.localeCompare(b.name, lang));
}

/** Who else is writing, in a few words; empty when nobody is. Reactive. */
export function writingWords({ people }: Presence, me: string | undefined): string {
  const [one, two, ...more] = people.filter(({ id, writing }) => writing && id !== me);
  if (!one) return '';
  if (!two) return t('presence.writes_alone', { name: one.name });
  if (more.length > 0) return t('presence.writes_all', { count: more.length + 2 });
  return t('presence.writes_both', { name: one.name, other: two.name });
}
