import type { IconName } from './icons';

/** One thing that a menu offers. */
export interface MenuItem {
  readonly text: string;
  readonly icon: IconName;
  readonly danger?: boolean;
  /** Makes it one that is on or off. */
  readonly checked?: boolean;
  run(): void;
}
