import type { Component } from 'svelte';
import type { Settings } from '../api/types';
import type { LiveWall } from '../sync/live.svelte';
import type { CardActions } from '../wall/actions';
import type { Chapter } from './groups';
import Wall from './Wall.svelte';

/** What every layout is given. */
export interface LayoutProps {
  readonly name: LayoutName;
  readonly wall: LiveWall;
  /** The posts to show by section; every layout shows all of them. */
  readonly chapters: readonly Chapter[];
  /** Names the selection: when it changes, the layout starts again from its top. */
  readonly selection: string;
  readonly actions: CardActions;
  /** Told whether an arrival would now move what is being read. */
  readonly onreading: (reading: boolean) => void;
}

/** What every layout can do. */
export interface LayoutView {
  /** Brings a card into sight and focuses it; marks it for a moment, for what the person has just done. */
  reveal(id: string, mark?: boolean): Promise<void>;
  /** Goes back to the first post. */
  toTop(): Promise<void>;
}

/** The board's layouts, and the list that a person may choose instead. */
export type LayoutName = Settings['layout'] | 'list';

type Layout = Component<LayoutProps, LayoutView>;

/** The layouts. Those that most walls do without are fetched when a wall has them. */
export const layouts: Readonly<Record<LayoutName, () => Promise<{ default: Layout }>>> = {
  wall: async () => ({ default: Wall }),
  stream: async () => ({ default: Wall }),
  columns: () => import('./Columns.svelte'),
  list: () => import('./List.svelte'),
};
