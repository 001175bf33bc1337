import type { Link, Participant } from '../api/types';
import { language, t } from '../i18n/index.svelte';
import { Links } from '../share/links.svelte';
import type { LiveWall } from '../sync/live.svelte';
import { toasts } from '../ui/toasts.svelte';

/** By which somebody like them comes as somebody new: anyone may, without a word. */
export function openTo(links: readonly Link[], { role }: Pick<Participant, 'role'>) {
  return links.filter((one) => one.role === role && !one.password);
}

/**
 * Says of somebody who was just kept off that they can come back as somebody
 * new, where that is so and the reader can do something about it: `renew` opens
 * that. The answer takes the message away.
 */
export async function warn(
  wall: LiveWall,
  id: string,
  renew: (who: Participant) => void,
): Promise<() => void> {
  const who = wall.store.participants.list.find((one) => one.id === id);
  if (!who || !wall.session.may('links.edit')) return () => undefined;
  const links = new Links(wall.session);
  await Promise.all([links.load(), language.need('people')]);
  const count = openTo(links.all ?? [], who).length;
  if (count === 0) return () => undefined;
  return toasts.show({
    text: t('people.renew_title', { name: who.name }),
    lasts: 0,
    action: { label: t('people.renew', { count }), run: () => renew(who) },
  });
}
