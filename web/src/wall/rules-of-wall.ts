import type { ComposerRules } from '../composer-seam';
import type { LiveWall } from '../sync/live.svelte';

/** What a wall asks of the person's posts, as it is whenever it is read. */
export function rulesFor(wall: LiveWall): ComposerRules {
  const { store, session } = wall;
  return {
    get binding() {
      return !session.moderates;
    },
    get settings() {
      return store.board?.settings ?? NONE;
    },
    get sections() {
      const all = session.may('locked.write');
      return store.sections.list.filter(({ locked }) => all || !locked);
    },
    get left() {
      const most = store.board?.settings.postsEach ?? 0;
      if (session.moderates || most === 0) return undefined;
      const own = [...store.order, ...store.waiting].filter(({ doc }) => store.owns(doc));
      return Math.max(0, most - own.length);
    },
    get group() {
      return store.groups.find(session.group)?.name;
    },
    get limits() {
      return store.limits;
    },
  };
}

const NONE: ComposerRules['settings'] = {
  required: [],
  maxLength: 0,
  kinds: [],
  plainPosts: false,
  postsEach: 0,
};
