import app from './app.json';
import wall from './wall.json';

/** The words by area. The composer's come with it, on demand. */
export const areas = {
  app: async () => ({ default: app }),
  wall: async () => ({ default: wall }),
  composer: () => import('./composer.json'),
};
