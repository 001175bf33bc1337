import { more } from '../../ui/more-icons';
import type { Kind } from '../kind';

const EXTENSIONS = new Set(['mp4', 'm4v', 'mov', 'webm', 'mkv', 'avi', 'ogv', '3gp']);

export const video: Kind = {
  name: 'video',
  icon: more.video,
  accept: 'video/*',
  takes: (type, extension) =>
    type.startsWith('video/') || (type === '' && EXTENSIONS.has(extension)),
};
