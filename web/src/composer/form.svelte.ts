import { ApiProblem } from '../api/problem';
import type { Change, Post } from '../api/types';
import type {
  AttachmentDraft,
  ComposerProps,
  ComposerRules,
  PostDraft,
  SubmitOptions,
  Wanted,
} from '../composer-seam';
import { Attachments } from './attachments.svelte';
import { DraftKeeper, type KeptDraft } from './drafts';
import { readLink } from './links';
import { areNone, type Faults, faultsFrom, faultsOf, isEmpty } from './validate';

/** `waiting`: publishes by itself once the files are sent. */
export type Stage = 'writing' | 'waiting' | 'sending' | 'conflict';

/** A draft was found and shown, or thrown away and can come back. */
export type DraftNote = 'found' | 'discarded';

/** A field that can be at fault. */
type Amended = Exclude<keyof Faults, 'attachments' | 'post'>;

type KeptFields = Omit<KeptDraft, 'rev'>;

const NO_FAULTS: Faults = { attachments: {} };

/** The post being written, from the first letter to the wall. */
export class Form {
  title = $state('');
  #section = $state('');
  #colour = $state('');
  #body = $state('');
  /** Counts the times that the body was set from outside: the editor then starts anew. */
  bodyVersion = $state(0);
  readonly attachments: Attachments;
  readonly post: Post | undefined;
  /** Asked before the post is left or published: true where something would be lost. */
  guard: (() => boolean) | undefined;
  readonly #rules: () => ComposerRules | undefined;
  readonly #wanted: Wanted;

  #stage = $state<Stage>('writing');
  #faults = $state.raw<Faults>(NO_FAULTS);
  #problem = $state.raw<ApiProblem>();
  #theirs = $state.raw<Post>();
  /** Told by the wall, which may then take the composer away before anything else runs. */
  #done = false;
  #tried = $state(false);
  #strayed = $state(false);
  #note = $state<DraftNote>();
  #discarded: KeptFields | undefined;
  readonly #keeper: DraftKeeper;
  readonly #submit: ComposerProps['submit'];
  /** What the post is without any work of the person. */
  readonly #start: string;

  constructor(props: Omit<ComposerProps, 'onclose' | 'onyield'>) {
    const { post, theirs, boardId, submit, startUpload, mediaState, files } = props;
    this.post = post;
    this.#rules = () => props.rules;
    this.#wanted = props.wanted ?? {};
    this.#submit = submit;
    this.attachments = new Attachments({ startUpload, mediaState, files, rules: this.#rules });
    this.#keeper = new DraftKeeper(boardId, post);
    this.#load(post ?? this.#blank());
    this.#start = JSON.stringify(this.draft);
    if (theirs) this.#compare(theirs);
    const kept = theirs ? undefined : this.#keeper.find();
    if (kept) {
      this.#load(kept);
      // Where it was asked for counts more than where it was left.
      if (this.#wanted.section) this.#section = this.#wanted.section;
      this.#note = 'found';
    }
    this.#begin();
  }

  get body(): string {
    return this.#body;
  }

  /** Whether the wall has this post already; one that never reached it has no revision. */
  get editing(): boolean {
    return (this.post?.rev ?? 0) > 0;
  }

  get draft(): PostDraft {
    const { sectionId = '', colour = '' } = this.post ?? {};
    return {
      title: this.title.trim(),
      body: this.#body,
      attachments: this.attachments.toDraft(),
      ...(this.section !== sectionId && { sectionId: this.section }),
      ...(this.#colour !== colour && { colour: this.#colour }),
      ...(this.#wanted.order !== undefined && { order: this.#wanted.order }),
    };
  }

  get rules(): ComposerRules | undefined {
    return this.#rules();
  }

  /** Where the post is, or is to be; one that may not be chosen any more is none. */
  get section(): string {
    const chosen = this.#section;
    if (chosen === '' || chosen === this.post?.sectionId) return chosen;
    return this.rules?.sections.some(({ id }) => id === chosen) ? chosen : '';
  }

  set section(id: string) {
    this.#section = id;
    this.#strayed = false;
    this.amend('section');
  }

  /** Whether the section that was chosen has closed, or gone: the person was told before the post goes elsewhere. */
  get strayed(): boolean {
    return this.#strayed;
  }

  get colour(): string {
    return this.#colour;
  }

  set colour(name: string) {
    this.#colour = name;
    this.amend('colour');
  }

  /** Why no post may be added: the person has as many as the board allows. */
  get full(): boolean {
    return this.post === undefined && this.rules?.left === 0;
  }

  get changed(): boolean {
    return JSON.stringify(this.draft) !== this.#start;
  }

  get stage(): Stage {
    return this.#stage;
  }

  get faults(): Faults {
    return this.#faults;
  }

  /** Why the last try failed, where no field is at fault. */
  get problem(): ApiProblem | undefined {
    return this.#problem;
  }

  /** Whether the last try stopped at an upload that cannot be published as it is. */
  get held(): boolean {
    return this.#tried && this.attachments.stuck;
  }

  /** Whether the person has tried to publish what stands. */
  get tried(): boolean {
    return this.#tried;
  }

  /** The version that came in between. */
  get theirs(): Post | undefined {
    return this.#theirs;
  }

  /** What there is to tell about a draft left behind. */
  get note(): DraftNote | undefined {
    return this.#note;
  }

  /** The editor's own change. */
  write(html: string): void {
    this.#body = html;
    this.amend('body');
  }

  /** What is being corrected is no longer told to be wrong. */
  amend(field: Amended | { attachment: string }): void {
    const { attachments } = this.#faults;
    if (typeof field === 'object') {
      if (!attachments[field.attachment]) return;
      const { [field.attachment]: _, ...others } = attachments;
      this.#faults = { ...this.#faults, attachments: others };
    } else if (this.#faults[field] || this.#faults.post) {
      const { [field]: _, post: __, ...others } = this.#faults;
      this.#faults = others;
    }
  }

  /** Keeps the draft on the device, or forgets it when it says nothing new. */
  keep(): void {
    if (this.#done) return;
    if (this.changed && !(this.post === undefined && isEmpty(this.draft))) {
      this.#keeper.keep(this.#fields());
    } else {
      this.#keeper.clear();
    }
  }

  /** Starts again from the published post, or from nothing. */
  discard(): void {
    this.#discarded = this.#fields();
    this.#note = 'discarded';
    this.#keeper.clear();
    this.#load(this.post ?? this.#blank());
    this.#reset();
  }

  undoDiscard(): void {
    if (!this.#discarded) return;
    this.#load(this.#discarded);
    this.#note = 'found';
  }

  /**
   * Sends the post, waiting for its files first. True when the wall has it;
   * false when the person is needed, or has thought better of it.
   */
  async publish(options: SubmitOptions = {}): Promise<boolean> {
    if (this.#stage === 'waiting' || this.#stage === 'sending') return false;
    this.#reset();
    if (!this.#check()) return false;
    this.#stage = 'waiting';
    this.attachments.resume();
    await this.attachments.settled();
    // Taken back while waiting: `hold` has set another stage.
    if (this.#stage !== 'waiting') return false;
    this.#stage = 'writing';
    return this.#check() && this.#send(options);
  }

  /** Takes back a publication that waits for its files. */
  hold(): void {
    if (this.#stage === 'waiting') this.#stage = 'writing';
  }

  /** Back from the comparison to the text. */
  resume(): void {
    this.#reset();
  }

  /** The wall has a version that stands: nothing is left of the draft. */
  yield(): void {
    this.#done = true;
    this.attachments.forget();
    this.#keeper.clear();
  }

  /** What was dropped or pasted on the wall joins what is there. */
  #begin(): void {
    const { files = [], url } = this.#wanted;
    if (files.length > 0) this.attachments.addFiles(files);
    const link = url === undefined ? undefined : readLink(url);
    if (link) this.attachments.addLink(link);
  }

  #check(): boolean {
    this.#tried = true;
    const kindOf = (one: AttachmentDraft) => this.attachments.kindOf(one);
    this.#faults = faultsOf(this.draft, this.section, this.rules, kindOf);
    this.#strayed = this.#section !== this.section && !this.#faults.section;
    if (this.#strayed) this.#section = '';
    return !this.#strayed && areNone(this.#faults) && !this.attachments.stuck && !this.full;
  }

  async #send(options: SubmitOptions): Promise<boolean> {
    const draft = this.draft;
    this.#stage = 'sending';
    const files = this.attachments.handOver();
    try {
      await this.#submit(draft, files.length > 0 ? { ...options, files } : options);
      this.yield();
      return true;
    } catch (error) {
      this.#stage = 'writing';
      this.#refused(error, draft);
      return false;
    }
  }

  #refused(error: unknown, draft: PostDraft): void {
    if (!(error instanceof ApiProblem)) throw error;
    const theirs = error.code === 'revision_conflict' && postOf(error.current);
    if (theirs && !theirs.deleted) {
      this.#compare(theirs);
      return;
    }
    this.#faults = faultsFrom(error.errors, draft);
    if (areNone(this.#faults)) this.#problem = error;
  }

  #compare(theirs: Post): void {
    this.#theirs = theirs;
    this.#stage = 'conflict';
  }

  #fields(): KeptFields {
    return {
      title: this.title,
      body: this.#body,
      attachments: this.attachments.toKeep(),
      sectionId: this.section,
      colour: this.#colour,
    };
  }

  #load(from: Partial<KeptFields> | Post): void {
    this.title = from.title ?? '';
    this.#body = from.body ?? '';
    this.#section = from.sectionId ?? '';
    this.#colour = from.colour ?? '';
    this.bodyVersion++;
    this.attachments.load(from.attachments ?? []);
  }

  #blank(): Partial<KeptFields> {
    const { section } = this.#wanted;
    return section ? { sectionId: section } : {};
  }

  #reset(): void {
    this.#tried = false;
    this.#strayed = false;
    this.#stage = 'writing';
    this.#faults = NO_FAULTS;
    this.#problem = undefined;
    this.#theirs = undefined;
  }
}

function postOf(current: unknown): Post | undefined {
  return (current as Change | undefined)?.post;
}
