import type { Post, Section } from '../api/types';
import { recall, remember } from '../device/storage';
import type { LiveWall } from '../sync/live.svelte';

/** What the person has asked for, and is to be asked about. */
export type Asked =
  | { readonly kind: 'move' | 'colour' | 'reject'; readonly ids: readonly string[] }
  /** A new section, without one. */
  | { readonly kind: 'section'; readonly section?: Section }
  | { readonly kind: 'remove-section'; readonly section: Section }
  | { readonly kind: 'sections' };

/** How a person looks at a wall, and what they are doing to its shape. */
export class Shaping {
  readonly #wall: () => LiveWall;
  asked = $state.raw<Asked>();
  /** Whether the person has chosen the plain list, on this device. */
  #list = $state(recall('view') === 'list');
  /** The posts chosen for doing the same with all; undefined where none are to be. */
  #selected = $state.raw<ReadonlySet<string>>();

  constructor(wall: () => LiveWall) {
    this.#wall = wall;
  }

  get list(): boolean {
    return this.#list;
  }

  set list(list: boolean) {
    this.#list = list;
    remember('view', list ? 'list' : 'layout');
  }

  get selected(): ReadonlySet<string> | undefined {
    return this.#selected;
  }

  /** Starts selecting, with these. */
  select(...ids: string[]): void {
    this.#selected = new Set(ids);
  }

  toggle(id: string): void {
    const now = new Set(this.#selected);
    if (!now.delete(id)) now.add(id);
    this.#selected = now;
  }

  unselect(): void {
    this.#selected = undefined;
  }

  /** Whether the person may move a post out of where it is. Reactive. */
  mayMove(post: Post): boolean {
    const { session, store } = this.#wall();
    const may = session.may('post.move.any') || (session.may('post.move.own') && store.owns(post));
    return may && this.mayEnter(post.sectionId);
  }

  /** Whether the person may put a post into a section. Reactive. */
  mayEnter(section: string | undefined): boolean {
    const { session, store } = this.#wall();
    return session.may('locked.write') || !store.sections.find(section)?.locked;
  }

  /** Whether there is anything that the person may move or select. Reactive. */
  get mayShape(): boolean {
    const { session } = this.#wall();
    return (
      session.may('post.move.own') || session.may('post.move.any') || session.may('sections.edit')
    );
  }
}
