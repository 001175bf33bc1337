import type { Kind } from '../kind';

export const file: Kind = {
  name: 'file',
  icon: 'M7 3.5h7L19 8.5V19a1.5 1.5 0 0 1-1.5 1.5h-10.500A1.5 1.5 0 0 1 5.5 19V5A1.5 1.5 0 0 1 7 3.5zM13.5 4v5h5M9 13h6M9 16.5h6',
  accept: '',
  // Whatever no other kind takes: the server says which it keeps.
  takes: () => true,
};
