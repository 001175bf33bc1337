import app from './app.json';
import wall from './wall.json';

/** The words by area. Those of parts that come on demand come with them. */
export const areas = {
  app: async () => ({ default: app }),
  wall: async () => ({ default: wall }),
  access: () => import('./access.json'),
  checklist: () => import('./checklist.json'),
  colours: () => import('./colours.json'),
  account: () => import('./account.json'),
  attachments: () => import('./attachments.json'),
  composer: () => import('./composer.json'),
  history: () => import('./history.json'),
  import: () => import('./import.json'),
  kinds: () => import('./kinds.json'),
  moderation: () => import('./moderation.json'),
  pages: () => import('./pages.json'),
  people: () => import('./people.json'),
  phase: () => import('./phase.json'),
  players: () => import('./players.json'),
  post: () => import('./post.json'),
  present: () => import('./present.json'),
  presence: () => import('./presence.json'),
  queue: () => import('./queue.json'),
  reader: () => import('./reader.json'),
  recorder: () => import('./recorder.json'),
  search: () => import('./search.json'),
  share: () => import('./share.json'),
  sections: () => import('./sections.json'),
  settings: () => import('./settings.json'),
  talk: () => import('./talk.json'),
  team: () => import('./team.json'),
};
