import type { Board, Change, Media, Post, Snapshot } from '../api/types';
import { searchableText } from '../richtext/parse';
import { merge } from './merge';

/** One post, signalling its own changes only: an edit re-renders one card. */
export class PostCell {
  readonly id: string;
  /** Milliseconds since 1970; never changes. */
  readonly createdAt: number;
  doc: Post;
  #found: { doc: Post; text: string } | undefined;

  constructor(post: Post) {
    this.id = post.id;
    this.createdAt = Date.parse(post.createdAt);
    this.doc = $state.raw(post);
  }

  get live(): boolean {
    return !this.doc.deleted;
  }

  /** What the search looks in, folded; made when first searched. */
  get searchText(): string {
    const { doc } = this;
    if (this.#found?.doc !== doc) this.#found = { doc, text: searchTextOf(doc) };
    return this.#found.text;
  }
}

/** One upload, in the same way; there before its document is, for cards to wait on. */
class MediaCell {
  doc = $state.raw<Media>();
}

/** Lower case without accents, so that « ecole » finds « École ». */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/**
 * The wall as this browser knows it: every document by id, and the order in
 * which posts are shown, newest first. Only `merge` decides what stands.
 */
export class WallStore {
  #board = $state.raw<Board>();
  readonly #posts = new Map<string, PostCell>();
  readonly #media = new Map<string, MediaCell>();
  readonly #concealed = new Set<string>();
  #order = $state.raw<readonly PostCell[]>([]);
  #waiting = $state.raw<readonly PostCell[]>([]);

  get board(): Board | undefined {
    return this.#board;
  }

  /** The posts shown, newest first. A new array whenever one comes or goes. */
  get order(): readonly PostCell[] {
    return this.#order;
  }

  /** Posts that came while the person was reading, newest first. */
  get waiting(): readonly PostCell[] {
    return this.#waiting;
  }

  get count(): number {
    return this.#order.length + this.#waiting.length;
  }

  /** Reactive, even for an upload that is not known yet. */
  media(id: string): Media | undefined {
    return this.#mediaCell(id).doc;
  }

  post(id: string): PostCell | undefined {
    return this.#posts.get(id);
  }

  /**
   * Takes a whole snapshot: what it does not hold is no longer for us to see,
   * but for tombstones, which are harmless and may be newer. What happened
   * since its cursor comes by the stream.
   */
  load(snapshot: Snapshot): void {
    const kept = new Set(snapshot.posts.map((post) => post.id));
    for (const [id, cell] of this.#posts) {
      if (!kept.has(id) && cell.live) this.#posts.delete(id);
    }
    const media = new Set(snapshot.media.map((one) => one.id));
    for (const [id, cell] of this.#media) {
      if (!media.has(id)) cell.doc = undefined;
    }
    this.#board = merge(this.#board, snapshot.board);
    for (const one of snapshot.media) this.#takeMedia(one);
    for (const post of snapshot.posts) this.#takePost(post);
    this.#waiting = [];
    this.#order = sorted([...this.#posts.values()].filter((cell) => this.#shows(cell)));
  }

  /**
   * Takes changes in, in any order, however often. `hold` tells which new
   * posts wait instead of appearing.
   */
  apply(changes: Iterable<Change>, hold: (post: Post) => boolean = () => false): void {
    const come: PostCell[] = [];
    const held: PostCell[] = [];
    let gone = false;
    for (const change of changes) {
      if (change.board) this.#board = merge(this.#board, change.board);
      if (change.media) this.#takeMedia(change.media);
      if (!change.post) continue;
      const before = this.#posts.get(change.post.id);
      const shown = before !== undefined && this.#shows(before);
      const cell = this.#takePost(change.post);
      if (shown && !this.#shows(cell)) gone = true;
      if (!shown && this.#shows(cell)) (hold(cell.doc) ? held : come).push(cell);
    }
    if (gone || come.length > 0) this.#arrange(come);
    if (gone || held.length > 0) this.#waiting = this.#together(this.#waiting, held);
  }

  /** Shows what was waiting. */
  release(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#arrange(waiting);
  }

  /** Hides a post at once while its deletion is under way, or shows it again. */
  conceal(id: string, concealed: boolean): void {
    const cell = this.#posts.get(id);
    if (concealed) this.#concealed.add(id);
    else this.#concealed.delete(id);
    if (!cell) return;
    this.#waiting = this.#waiting.filter((one) => this.#shows(one));
    this.#arrange(this.#shows(cell) ? [cell] : []);
  }

  #shows(cell: PostCell): boolean {
    return cell.live && !this.#concealed.has(cell.id);
  }

  #arrange(come: readonly PostCell[]): void {
    this.#order = this.#together(this.#order, come);
  }

  /** Both in one order; those that may not be shown any more are left out. */
  #together(there: readonly PostCell[], come: readonly PostCell[]): readonly PostCell[] {
    const add = new Set(come.filter((cell) => this.#shows(cell)));
    const stay = there.filter((cell) => this.#shows(cell) && !add.has(cell));
    return merged(sorted([...add]), stay);
  }

  #takePost(post: Post): PostCell {
    const cell = this.#posts.get(post.id);
    if (!cell) {
      const made = new PostCell(post);
      this.#posts.set(post.id, made);
      return made;
    }
    cell.doc = merge(cell.doc, post);
    return cell;
  }

  #takeMedia(media: Media): void {
    const cell = this.#mediaCell(media.id);
    cell.doc = merge(cell.doc, media);
  }

  #mediaCell(id: string): MediaCell {
    const cell = this.#media.get(id) ?? new MediaCell();
    this.#media.set(id, cell);
    return cell;
  }
}

/** Newest first; ids are UUIDv7, so that equal times keep one order everywhere. */
function sorted(cells: PostCell[]): PostCell[] {
  return cells.sort(newestFirst);
}

function newestFirst(a: PostCell, b: PostCell): number {
  return b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);
}

/** Two sorted lists as one. Arrivals are few and new: they are done with after some steps. */
function merged(come: readonly PostCell[], there: readonly PostCell[]): readonly PostCell[] {
  const all: PostCell[] = [];
  let at = 0;
  for (const cell of come) {
    for (let next = there[at]; next && newestFirst(next, cell) < 0; next = there[at]) {
      all.push(next);
      at += 1;
    }
    all.push(cell);
  }
  return all.concat(there.slice(at));
}

function searchTextOf(post: Post): string {
  const captions = post.attachments.map((one) => `${one.caption} ${one.url ?? ''}`);
  const words = [post.title, post.author.name, searchableText(post.body), ...captions];
  return fold(words.filter(Boolean).join('\n'));
}
