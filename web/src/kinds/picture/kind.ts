import { more } from '../../ui/more-icons';
import type { Kind } from '../kind';

const EXTENSIONS = new Set(['jpg', 'jpeg', 'png', 'webp', 'gif', 'heic', 'heif', 'bmp', 'tiff']);

export const picture: Kind = {
  name: 'picture',
  icon: more.picture,
  // What the server takes: a phone then makes one of these of its own format.
  accept: 'image/jpeg,image/png,image/webp,image/gif',
  takes: (type, extension) =>
    type.startsWith('image/') || (type === '' && EXTENSIONS.has(extension)),
};
