import app from './app.json';
import composer from './composer.json';
import wall from './wall.json';

export default { app, composer, wall };
