import type {
  Board,
  Change,
  Comment,
  Counts,
  Group,
  Media,
  Participant,
  Post,
  Report,
  Section,
  Snapshot,
} from '../api/types';
import type { Waiting } from '../queue/write';
import { searchableText } from '../richtext/parse';
import { byOrder, compare, Docs } from './docs.svelte';
import { merge, mergeAnew } from './merge';
import { type Comparison, comparisonOf, type Place, UNSAID } from './sort';

/** How a post with unsent writes is to be shown; without a post, it is not. */
export interface Pending {
  readonly post: Post | undefined;
  /** What the person is told of it; nothing while it may still go unnoticed. */
  readonly waiting: Waiting | undefined;
}

/** How a comment with unsent writes is to be shown; without a comment, it is not. */
export interface PendingComment {
  readonly comment: Comment | undefined;
  readonly waiting: Waiting | undefined;
}

/** What the person has given to posts, by their ids. */
export type Given = Readonly<Record<string, number>>;

/** One post, signalling its own changes only: an edit re-renders one card. */
export class PostCell {
  readonly id: string;
  /** Where it stands; another object whenever that changes. */
  place: Place = NOWHERE;
  #told = $state.raw<Post>();
  #pending = $state.raw<Pending>();
  #counts = $state.raw<Counts>();
  /** What is shown when nothing is told any more, for as long as the card is still there. */
  #last: Post;
  /**
   * Whether a snapshot has come without it. What is told next then stands at the
   * same revision too: one's own post that the sight of the wall had hidden, say.
   */
  lost = false;
  #found: { doc: Post; text: string } | undefined;

  constructor(post: Post, pending?: Pending) {
    this.id = post.id;
    this.#last = post;
    if (pending) this.pending = pending;
    else this.take(post);
  }

  /** What the server has told. */
  get told(): Post | undefined {
    return this.#told;
  }

  /** How much was said and given to it; undefined for nothing. Reactive. */
  get counts(): Counts | undefined {
    return this.#counts;
  }

  set counts(counts: Counts | undefined) {
    this.#counts = counts;
    this.#stand();
  }

  /** What waits to be sent, if anything does. Reactive. */
  get pending(): Pending | undefined {
    return this.#pending;
  }

  set pending(pending: Pending | undefined) {
    this.#last = this.doc;
    this.#pending = pending;
    this.#stand();
  }

  get doc(): Post {
    return this.#pending?.post ?? this.#told ?? this.#last;
  }

  /** Whether there is anything to show. */
  get live(): boolean {
    if (this.#pending) return this.#pending.post !== undefined;
    return this.#told !== undefined && !this.#told.deleted && !this.lost;
  }

  /** `anew` for what a snapshot says. */
  take(post: Post, anew = false): void {
    this.#told = (anew || this.lost ? mergeAnew : merge)(this.#told, post);
    // Should it come back, what it has then is told with it.
    if (this.#told.deleted) this.#counts = undefined;
    if (this.#told === post) this.lost = false;
    this.#stand();
  }

  #stand(): void {
    const { order, sectionId: section = '', author } = this.doc;
    const at = this.#told ? Date.parse(this.#told.createdAt) : NOWHERE.at;
    const { average, reactions = 0 } = this.#counts ?? {};
    const place = { at, order, section, author: author.name, given: average ?? reactions };
    if (!samePlace(this.place, place)) this.place = place;
  }

  /** What the search looks in, folded; made when first searched. */
  get searchText(): string {
    const { doc } = this;
    if (this.#found?.doc !== doc) this.#found = { doc, text: searchTextOf(doc) };
    return this.#found.text;
  }
}

const NOWHERE: Place = {
  at: Number.POSITIVE_INFINITY,
  order: '',
  section: '',
  author: '',
  given: 0,
};

function samePlace(a: Place, b: Place): boolean {
  return (Object.keys(a) as (keyof Place)[]).every((key) => a[key] === b[key]);
}

/** One upload, in the same way. */
class MediaCell {
  doc = $state.raw<Media>();
}

/** Lower case without accents, so that « ecole » finds « École », and « l'oeuvre » « l’œuvre ». */
export function fold(text: string): string {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.replace(/œ/g, 'oe').replace(/’/g, "'");
}

/**
 * The wall as this browser knows it: every document by id, and the order in
 * which posts are shown, which the board's settings say. Only `merge` decides
 * what stands.
 */
export class WallStore {
  #board = $state.raw<Board>();
  #unsentBoard = $state.raw<Board>();
  readonly sections = new Docs<Section>(byOrder);
  readonly groups = new Docs<Group>(byOrder);
  /** For moderators only. */
  readonly participants = new Docs<Participant>(
    (a, b) => a.name.localeCompare(b.name) || compare(a.id, b.id),
  );
  readonly reports = new Docs<Report>((a, b) => compare(a.id, b.id));
  /** What may be sent, as the last snapshot told it. */
  limits = $state.raw<Snapshot['limits']>();
  /** Of threads that were read, of what came since, and for moderators what waits for them. */
  readonly comments = new Docs<Comment>(
    (a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt) || compare(a.id, b.id),
  );
  /** Those with unsent writes. */
  unsentComments = $state.raw<ReadonlyMap<string, PendingComment>>(new Map());
  #given = $state.raw<Given>({});
  #unsentGiven = $state.raw<Given>({});
  /** Grows with every snapshot: what is not in one must be read again. */
  loads = $state(0);
  #own = $state.raw<ReadonlySet<string>>(new Set());
  readonly #posts = new Map<string, PostCell>();
  readonly #media = new Map<string, MediaCell>();
  /** Grows when an upload comes that was not known. */
  #mediaCame = $state(0);
  #order = $state.raw<readonly PostCell[]>([]);
  #waiting = $state.raw<readonly PostCell[]>([]);
  #pended: ReadonlySet<string> = new Set();
  #sorting = UNSAID;
  #compare: Comparison = comparisonOf(UNSAID);

  /** With what the person has changed, even if it is not sent yet. */
  get board(): Board | undefined {
    return this.#unsentBoard ?? this.#board;
  }

  /** As the server has told it. */
  get toldBoard(): Board | undefined {
    return this.#board;
  }

  /** The posts shown, in their order. A new array whenever one comes, goes or moves. */
  get order(): readonly PostCell[] {
    return this.#order;
  }

  /** Posts that came while the person was reading, in their order. */
  get waiting(): readonly PostCell[] {
    return this.#waiting;
  }

  get count(): number {
    return this.#order.length + this.#waiting.length;
  }

  /** Whether a post or a comment is the person's own. Reactive. */
  owns(doc: { readonly id: string; readonly own?: boolean }): boolean {
    return doc.own === true || this.#own.has(doc.id);
  }

  /** What the person has given to posts, as the server has told it. Reactive. */
  get given(): Given {
    return this.#given;
  }

  /** The same of what waits to be sent. Reactive. */
  get unsentGiven(): Given {
    return this.#unsentGiven;
  }

  /** Told what the person has given: all of it, or what has changed. */
  react(event: string, given: Given = {}): void {
    if (event === 'reactions') this.#given = given;
    if (event === 'reacted') this.#given = { ...this.#given, ...given };
  }

  /** Takes in which posts are the person's own. */
  claim(ids: readonly string[]): void {
    if (ids.some((id) => !this.#own.has(id))) this.#own = new Set([...this.#own, ...ids]);
  }

  /** Reactive, even for an upload that is not known yet. */
  media(id: string): Media | undefined {
    const cell = this.#media.get(id);
    // What is made while something is worked out is no reason to work it out again.
    if (!cell) this.#mediaCame;
    return cell?.doc;
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
      if (kept.has(id)) continue;
      if (cell.pending || cell.told?.deleted) cell.lost = true;
      else this.#posts.delete(id);
    }
    const media = new Set(snapshot.media.map((one) => one.id));
    for (const [id, cell] of this.#media) {
      if (!media.has(id)) cell.doc = undefined;
    }
    this.#board = mergeAnew(this.#board, snapshot.board);
    this.limits = snapshot.limits;
    this.sections.load(snapshot.sections);
    this.groups.load(snapshot.groups);
    this.participants.load(snapshot.participants ?? []);
    this.reports.load(snapshot.reports ?? []);
    this.comments.load(snapshot.comments ?? []);
    this.loads += 1;
    for (const one of snapshot.media) this.#takeMedia(one, true);
    // All at once: each claim is a new set.
    this.claim(snapshot.posts.filter(({ own }) => own).map(({ id }) => id));
    for (const post of snapshot.posts) this.#takePost(post, true).counts = undefined;
    for (const counts of snapshot.counts) this.#count(counts);
    this.#waiting = [];
    this.#order = [...this.#posts.values()].filter((cell) => cell.live);
    this.#sort(true);
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
      if (change.section) this.sections.take(change.section);
      if (change.group) this.groups.take(change.group);
      if (change.participant) this.participants.take(change.participant);
      if (change.report) this.reports.take(change.report);
      if (change.media) this.#takeMedia(change.media);
      if (change.comment) this.comments.take(change.comment);
      if (change.comment?.own) this.claim([change.comment.id]);
      const { post, counts } = change;
      const before = this.#posts.get((post ?? counts)?.id ?? '');
      const shown = before?.live === true;
      const place = before?.place;
      const cell = counts ? this.#count(counts) : post && this.#takePost(post);
      if (!cell) continue;
      if (shown && !cell.live) gone = true;
      if (!shown && cell.live) (hold(cell.doc) ? held : come).push(cell);
      // It was moved, or one's own post has reached the wall and has a place of its own now.
      else if (shown && cell.place !== place) {
        (this.#waiting.includes(cell) ? held : come).push(cell);
      }
    }
    this.#sort();
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

  /** Shows the unsent writes: those given here, instead of those given before. */
  pend(posts: ReadonlyMap<string, Pending>, board?: Board, given: Given = {}): void {
    this.#unsentBoard = board;
    this.#unsentGiven = given;
    const come: PostCell[] = [];
    let gone = false;
    for (const id of new Set([...this.#pended, ...posts.keys()])) {
      const cell = this.#posts.get(id);
      const shown = cell?.live === true;
      const place = cell?.place;
      const now = this.#pendOne(id, cell, posts.get(id));
      if (shown && !now?.live) gone = true;
      const moved = now?.place !== place && now && !this.#waiting.includes(now);
      if (now?.live && (!shown || moved)) come.push(now);
    }
    this.#pended = new Set(posts.keys());
    this.#sort();
    if (gone) this.#waiting = this.#waiting.filter((cell) => cell.live);
    if (gone || come.length > 0) this.#arrange(come);
  }

  #pendOne(id: string, cell: PostCell | undefined, pending: Pending | undefined) {
    if (cell) cell.pending = pending;
    const made = cell ?? (pending?.post && new PostCell(pending.post, pending));
    if (made) this.#posts.set(id, made);
    // What the wall never had, or has no more, goes with what waited for it.
    if (made && !pending && (!made.told || made.lost)) this.#posts.delete(id);
    return made;
  }

  #arrange(come: readonly PostCell[]): void {
    this.#order = this.#together(this.#order, come);
  }

  /** Both in one order; those that may not be shown any more are left out. */
  #together(there: readonly PostCell[], come: readonly PostCell[]): readonly PostCell[] {
    const add = new Set(come.filter((cell) => cell.live));
    const stay = there.filter((cell) => cell.live && !add.has(cell));
    return merged([...add].sort(this.#compare), stay, this.#compare);
  }

  /** Follows the board's settings; all is sorted anew when they change, or when asked. */
  #sort(anew = false): void {
    const { sort, newLast } = this.board?.settings ?? UNSAID;
    const same = sort === this.#sorting.sort && newLast === this.#sorting.newLast;
    if (same && !anew) return;
    this.#sorting = { sort, newLast };
    this.#compare = comparisonOf(this.#sorting);
    this.#order = this.#order.toSorted(this.#compare);
    this.#waiting = this.#waiting.toSorted(this.#compare);
  }

  #takePost(post: Post, anew = false): PostCell {
    if (post.own) this.claim([post.id]);
    const cell = this.#posts.get(post.id);
    if (!cell) {
      const made = new PostCell(post);
      this.#posts.set(post.id, made);
      return made;
    }
    cell.take(post, anew);
    return cell;
  }

  /** A post brings its counts after it: those of one that is not there are nobody's. */
  #count(counts: Counts): PostCell | undefined {
    const cell = this.#posts.get(counts.id);
    if (cell) cell.counts = counts;
    return cell;
  }

  #takeMedia(media: Media, anew = false): void {
    const cell = this.#media.get(media.id) ?? new MediaCell();
    cell.doc = (anew ? mergeAnew : merge)(cell.doc, media);
    if (this.#media.has(media.id)) return;
    this.#media.set(media.id, cell);
    this.#mediaCame += 1;
  }
}

/** Two sorted lists as one. Arrivals are few: each is looked a place for. */
function merged(
  come: readonly PostCell[],
  there: readonly PostCell[],
  comparison: Comparison,
): readonly PostCell[] {
  const all: PostCell[] = [];
  let from = 0;
  for (const cell of come) {
    let to = there.length;
    for (let low = from; low < to; ) {
      const middle = (low + to) >> 1;
      if (comparison(there[middle] as PostCell, cell) < 0) low = middle + 1;
      else to = middle;
    }
    for (; from < to; from += 1) all.push(there[from] as PostCell);
    all.push(cell);
  }
  return all.concat(there.slice(from));
}

function searchTextOf(post: Post): string {
  const captions = post.attachments.map((one) => `${one.caption} ${one.url ?? ''}`);
  const words = [post.title, post.author.name, searchableText(post.body), ...captions];
  return fold(words.filter(Boolean).join('\n'));
}
