/**
 * The writes of a person on a wall: kept on the device until the server has
 * them, shown as waiting, sent in order (S18). Fetched once the wall is shown.
 */
import { ApiProblem } from '../api/problem';
import type { Change, Media, Snapshot } from '../api/types';
import type { AskTicket } from '../composer-seam';
import { language, t } from '../i18n/index.svelte';
import { persist } from '../sync/retry';
import type { BoardSession } from '../sync/session.svelte';
import type { WallStore } from '../sync/store.svelte';
import { toasts } from '../ui/toasts.svelte';
import { type Answer, remembered, unsure, withAnswers, withoutPost } from './answers';
import type { BulkWrite } from './bulk';
import { openKeep } from './device';
import { Previews } from './previews.svelte';
import { Sender, sendFile } from './sender';
import { viewOf } from './view';
import type { Waiting } from './write';
import { type QueueView, WriteQueue } from './write-queue';

/** What the writes need of the wall. */
export interface WallParts {
  readonly session: BoardSession;
  readonly store: WallStore;
  /** Whether there is any point in trying. */
  reachable(): boolean;
  unsent(waiting: readonly Waiting[]): void;
}

/** Opens the queue of the session's participant and sends what is in it. */
export async function openWrites(wall: WallParts): Promise<Writes> {
  const { boardId: board, me: participant = '' } = wall.session;
  await language.need('queue');
  const { keep, erased } = await openKeep({ board, participant });
  if (erased > 0) toasts.show({ text: t('queue.erased', { count: erased }), lasts: 0 });
  const writes = new Writes(wall, keep);
  await writes.queue.open();
  return writes;
}

export class Writes {
  readonly queue: WriteQueue;
  readonly #wall: WallParts;
  readonly #sender: Sender;
  readonly #previews: Previews;
  #answers: readonly Answer[] = [];

  constructor(wall: WallParts, keep: ConstructorParameters<typeof WriteQueue>[0]['keep']) {
    const { boardId, me = '', fetch } = wall.session;
    this.#wall = wall;
    this.#sender = new Sender(boardId, fetch, (post, { value, reactions, average }) => {
      const cell = wall.store.post(post);
      wall.store.react('reacted', { [post]: value });
      if (cell) {
        const comments = cell.counts?.comments ?? 0;
        const given = average === undefined ? { reactions } : { reactions, average };
        cell.counts = { id: post, comments, ...given };
      }
    });
    this.queue = new WriteQueue({
      owner: `${boardId}.${me}`,
      keep,
      send: (write, waited) =>
        write.kind === 'bulk' || write.kind === 'unbulk'
          ? this.#bulk(write)
          : this.#sender.send(write, waited),
      upload: (file, id, progress) => sendFile(this.ticket, file, id, progress),
      reachable: () => wall.reachable(),
      lost: (problem, kind) => {
        const named = ['move', 'react', 'archive'] as const;
        const what = named.find((one) => one === kind) ?? 'bulk';
        toasts.show({ text: t(`queue.${what}_lost`, { why: problem.detail ?? '' }) });
      },
      acknowledged: (change) => this.#take(change),
      show: (view) => this.#show(view),
    });
    this.#previews = new Previews(me, (id) => this.queue.file(id));
  }

  stop(): void {
    this.queue.stop();
    this.#previews.stop();
  }

  /** Announces an upload; its Media document is on the wall from then on, for its owner. */
  readonly ticket: AskTicket = async (input) => {
    const { media, upload } = await persist(() => this.#sender.createMedia(input));
    this.#take({ kind: 'media', media });
    return upload;
  };

  /** A picture that is not sent yet, as the wall would show it. Reactive. */
  preview(mediaId: string): Media | undefined {
    return this.#previews.get(mediaId);
  }

  /**
   * A snapshot with what this browser has been answered meanwhile. A post of ours
   * that it lacks is too new for it, or out of our sight: the server knows.
   */
  async recall(snapshot: Snapshot): Promise<Snapshot> {
    const ids = unsure(snapshot, this.#answers, performance.now());
    await Promise.all(ids.map((id) => this.#ask(id)));
    return withAnswers(snapshot, this.#answers, performance.now());
  }

  async #ask(id: string): Promise<void> {
    try {
      this.#remember({ kind: 'post', post: await this.#sender.post(id) });
    } catch (error) {
      // Whoever cannot be asked is taken at their last word.
      if (error instanceof ApiProblem && error.status === 404) {
        this.#answers = withoutPost(this.#answers, id);
      }
    }
  }

  #remember(change: Change): void {
    this.#answers = remembered(this.#answers, change, performance.now());
  }

  /** Takes in what has become of each post, and tells of those that were left as they are. */
  async #bulk(write: BulkWrite): Promise<undefined> {
    const results = await this.#sender.bulk(write);
    const refused = results.flatMap(({ problem }) => problem ?? []);
    for (const { post, problem } of results) {
      if (post) {
        this.queue.led(post.id, this.#wall.store.post(post.id)?.told?.rev, post.rev);
        this.#take({ kind: 'post', post });
      } else if (problem?.current) this.#take(problem.current);
    }
    const [first] = refused;
    if (!first) return;
    const changed = first.code === 'revision_conflict' || first.code === 'changed_since';
    const why = changed ? t('queue.bulk_changed') : (first.detail ?? '');
    toasts.show({ text: t('queue.bulk_partly', { count: refused.length, why }), lasts: 0 });
  }

  #take(change: Change): void {
    this.#remember(change);
    this.#wall.store.apply([change]);
  }

  #show(view: QueueView): void {
    const { store, session } = this.#wall;
    const me = session.current?.participant ?? { id: '', name: '' };
    const { posts, comments, given, board, waiting } = viewOf(view, {
      post: (id) => store.post(id)?.told,
      comment: (id) => store.comments.find(id),
      board: store.toldBoard,
      me,
    });
    this.#previews.show(view.queue.flatMap(({ files }) => files.map((file) => file.mediaId)));
    store.pend(posts, board, given);
    store.unsentComments = comments;
    this.#wall.unsent(waiting);
  }
}
