import type { Kind } from '../kind';

const EXTENSIONS = new Set(['mp3', 'm4a', 'wav', 'ogg', 'oga', 'opus', 'flac', 'aac', 'weba']);

export const audio: Kind = {
  name: 'audio',
  icon: 'M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zM6 11.5a6 6 0 0 0 12 0M12 17.5V21M9 21h6',
  accept: 'audio/*',
  takes: (type, extension) =>
    type.startsWith('audio/') || (type === '' && EXTENSIONS.has(extension)),
};
