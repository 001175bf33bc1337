import app from './app.json';
import wall from './wall.json';

/** The words by area. Those of the composer and of unsent writes come with them, on demand. */
export const areas = {
  app: async () => ({ default: app }),
  wall: async () => ({ default: wall }),
  composer: () => import('./composer.json'),
  queue: () => import('./queue.json'),
};
