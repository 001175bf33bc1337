import type { Kind } from '../kind';

export const link: Kind = { name: 'link', icon: 'link', accept: '', takes: () => false };
