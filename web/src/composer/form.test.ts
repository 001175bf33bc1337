import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem } from '../api/problem';
import type { Limits, Media, Post } from '../api/types';
import type { ComposerProps, ComposerRules, DraftFiles, UploadEvents } from '../composer-seam';
import { Form } from './form.svelte';
import type { Upload } from './upload.svelte';

const published: Post = {
  id: 'p1',
  rev: 2,
  createdAt: '',
  updatedAt: '',
  author: { id: 'a', name: 'Ada' },
  title: 'Avant',
  body: '<p>a</p>',
  attachments: [],
  order: 'V',
  state: 'published',
};

type Submit = ComposerProps['submit'];

interface Sent {
  mediaId: string;
  on: UploadEvents;
  cancel: ReturnType<typeof vi.fn>;
  retry: ReturnType<typeof vi.fn>;
  leave: ReturnType<typeof vi.fn>;
}

let uploads: Sent[] = [];
let media: Record<string, Media> = {};

type Options = { post?: Post; theirs?: Post; submit?: Submit } & Pick<
  ComposerProps,
  'rules' | 'wanted' | 'files'
>;

const limits: Limits = {
  perPost: 10,
  boardBytes: 1_000,
  bytesLeft: 500,
  kinds: [
    { kind: 'picture', maxBytes: 100, types: ['image/png'], extensions: ['png'] },
    { kind: 'file', maxBytes: 200, types: ['application/pdf'], extensions: ['pdf'] },
  ],
};
const limited: ComposerRules = {
  binding: true,
  settings: {
    required: [],
    maxLength: 0,
    kinds: ['picture', 'file', 'link'],
    plainPosts: false,
    postsEach: 0,
  },
  sections: [],
  left: undefined,
  limits,
};

function form(options: Options = {}): Form {
  return new Form({
    boardId: 'b1',
    rules: options.rules,
    wanted: options.wanted,
    files: options.files,
    post: options.post,
    theirs: options.theirs,
    submit: options.submit ?? (async () => undefined),
    mediaState: (id) => media[id],
    startUpload: (_file, mediaId, on) => {
      const handle = { mediaId, on, cancel: vi.fn(), retry: vi.fn(), leave: vi.fn() };
      uploads.push(handle);
      return handle;
    },
  });
}

function image(name = 'a.png', size = 10): File {
  return new File([new Uint8Array(size)], name, { type: 'image/png', lastModified: 1 });
}

function upload(index = 0): Sent {
  const found = uploads[index];
  if (!found) throw new Error(`no upload ${index}`);
  return found;
}

function item(of: Form, index = 0): Upload {
  const found = of.attachments.uploads[index];
  if (!found) throw new Error(`no upload ${index}`);
  return found;
}

beforeEach(() => {
  uploads = [];
  media = {};
});

describe('publishing', () => {
  it('sends what is written, and forgets the draft', async () => {
    const submit = vi.fn(async () => undefined);
    const writing = form({ submit });
    writing.title = ' Titre ';
    writing.write('<p>a</p>');
    writing.keep();
    expect(await writing.publish()).toBe(true);
    expect(submit).toHaveBeenCalledWith({ title: 'Titre', body: '<p>a</p>', attachments: [] }, {});
    writing.keep();
    expect(localStorage.length).toBe(0);
  });

  it('waits for the bytes of pictures, not for their preparation', async () => {
    const submit = vi.fn(async () => undefined);
    const writing = form({ submit });
    writing.attachments.addFiles([image()]);
    const done = writing.publish();
    expect(writing.stage).toBe('waiting');
    upload().on.progress(4, 10);
    expect(writing.attachments.progress).toBe(0.4);
    expect(submit).not.toHaveBeenCalled();
    upload().on.done();
    expect(await done).toBe(true);
    expect(submit).toHaveBeenCalledOnce();
  });

  it('can be taken back while it waits', async () => {
    const submit = vi.fn(async () => undefined);
    const writing = form({ submit });
    writing.attachments.addFiles([image()]);
    const done = writing.publish();
    writing.hold();
    upload().on.done();
    expect(await done).toBe(false);
    expect(submit).not.toHaveBeenCalled();
  });

  it('stops at a picture that failed or was refused', async () => {
    const submit = vi.fn(async () => undefined);
    const writing = form({ submit });
    writing.attachments.addFiles([image()]);
    const done = writing.publish();
    upload().on.failed({ code: 'busy', detail: '', retry: true });
    expect(await done).toBe(false);
    expect(writing.held).toBe(true);
    upload().on.done();
    media[upload().mediaId] = refused(upload().mediaId);
    expect(await writing.publish()).toBe(false);
    writing.attachments.remove(item(writing));
    writing.title = 'Sans image';
    expect(await writing.publish()).toBe(true);
    expect(submit).toHaveBeenCalledOnce();
  });

  it('hands a picture over that the network has not taken, and stops sending it (S18)', async () => {
    const submit = vi.fn<Submit>(async () => undefined);
    const writing = form({ submit });
    const file = image();
    writing.attachments.addFiles([file]);
    const done = writing.publish();
    upload().on.failed({ code: 'network', detail: '', retry: true });
    expect(item(writing).status).toBe('unsent');
    expect(await done).toBe(true);
    const [draft, options] = submit.mock.calls[0] ?? [];
    expect(draft?.attachments).toMatchObject([{ mediaId: upload().mediaId }]);
    expect(options).toEqual({ files: [{ mediaId: upload().mediaId, file }] });
    expect(upload().leave).toHaveBeenCalledOnce();
    expect(upload().cancel).not.toHaveBeenCalled();
  });

  it('opens on the comparison, when told of another version', async () => {
    const submit = vi.fn<Submit>(async () => undefined);
    const theirs = { ...published, rev: 3, title: 'Entre-temps' };
    const writing = form({ post: { ...published, title: 'Mienne' }, theirs, submit });
    expect([writing.stage, writing.theirs?.title]).toEqual(['conflict', 'Entre-temps']);
    expect(await writing.publish({ overwrite: true })).toBe(true);
    expect(submit.mock.calls[0]?.[0]).toMatchObject({ title: 'Mienne' });
  });

  it('asks for the person when another version came in between', async () => {
    const submit = vi.fn<Submit>(async (_draft, options) => {
      if (!options?.overwrite) {
        throw new ApiProblem(412, {
          code: 'revision_conflict',
          current: { kind: 'post', post: { ...published, rev: 3, title: 'Entre-temps' } },
        });
      }
    });
    const writing = form({ post: published, submit });
    writing.title = 'Après';
    expect(await writing.publish()).toBe(false);
    expect(writing.stage).toBe('conflict');
    expect(writing.theirs?.title).toBe('Entre-temps');
    expect(await writing.publish({ overwrite: true })).toBe(true);
    expect(submit).toHaveBeenLastCalledWith(expect.objectContaining({ title: 'Après' }), {
      overwrite: true,
    });
  });

  it('puts refusals at their fields, and the rest above the button', async () => {
    const answers = [
      new ApiProblem(422, {
        code: 'invalid',
        errors: [{ code: 'too_long', field: 'title', detail: 'Trop long.' }],
      }),
      new ApiProblem(0, { code: 'network' }),
    ];
    const writing = form({ submit: async () => Promise.reject(answers.shift()) });
    writing.title = 'Titre';
    await writing.publish();
    expect(writing.faults.title).toEqual({ kind: 'said', detail: 'Trop long.' });
    writing.amend('title');
    expect(writing.faults.title).toBeUndefined();
    await writing.publish();
    expect(writing.problem?.code).toBe('network');
  });
});

describe('a draft', () => {
  it('comes back after leaving, can be thrown away, and comes back from that', () => {
    const first = form();
    first.title = 'Titre';
    first.write('<p>a</p>');
    first.keep();
    const second = form();
    expect(second.note).toBe('found');
    expect(second.title).toBe('Titre');
    second.discard();
    expect([second.title, second.body, second.note]).toEqual(['', '', 'discarded']);
    expect(form().note).toBeUndefined();
    second.undoDiscard();
    expect(second.draft).toMatchObject({ title: 'Titre', body: '<p>a</p>' });
  });

  it('is not kept when it says nothing new', () => {
    const writing = form({ post: published });
    writing.keep();
    expect(localStorage.length).toBe(0);
    writing.title = 'Après';
    writing.keep();
    expect(localStorage.length).toBe(1);
    writing.title = 'Avant';
    writing.keep();
    expect(localStorage.length).toBe(0);
  });

  it('asks again for a picture that was not sent to the end, and goes on with the same file', () => {
    const first = form();
    first.attachments.addFiles([image()]);
    first.keep();
    first.attachments.leave();
    expect(upload().cancel).not.toHaveBeenCalled();
    const second = form();
    expect(item(second).status).toBe('missing');
    second.attachments.addFiles([image()]);
    expect(second.attachments.items).toHaveLength(1);
    expect(upload(1).mediaId).toBe(upload(0).mediaId);
    expect(item(second).status).toBe('sending');
  });

  it('shows a picture that was sent after all', () => {
    const first = form();
    first.attachments.addFiles([image()]);
    first.keep();
    media[upload().mediaId] = { ...refused(upload().mediaId), state: 'ready' };
    expect(item(form()).status).toBe('ready');
  });
});

describe('attachments', () => {
  it('refuse files before sending them, by name and by what the server takes', () => {
    const writing = form({ rules: limited });
    writing.attachments.addFiles([
      new File(['a'], 'a.svg', { type: 'image/svg+xml' }),
      image('vide.png', 0),
      image('lourde.png', 101),
      new File(['a'], 'a.exe', { type: 'application/x-msdownload' }),
      new File(['a'], 'film.mp4', { type: 'video/mp4' }),
      image('ok.png'),
      new File(['a'], 'bilan.PDF', { type: '' }),
    ]);
    expect(writing.attachments.refusals).toEqual([
      { name: 'a.svg', fault: 'media_type' },
      { name: 'vide.png', fault: 'media_empty' },
      { name: 'lourde.png', fault: 'media_too_large', most: 100 },
      { name: 'a.exe', fault: 'media_type' },
      { name: 'film.mp4', fault: 'media_kind' },
    ]);
    expect(writing.attachments.items.map(({ kind }) => kind)).toEqual(['picture', 'file']);
  });

  it('refuse what the wall has no room for, and more than a post may have', () => {
    const full = { ...limited, limits: { ...limits, bytesLeft: 5, perPost: 1 } };
    const writing = form({ rules: full });
    writing.attachments.addFiles([image('a.png', 6), image('b.png', 5), image('c.png', 5)]);
    expect(writing.attachments.refusals).toEqual([
      { name: 'a.png', fault: 'media_board_full', most: 5 },
      { name: 'c.png', fault: 'media_no_place' },
    ]);
  });

  it('begin with what was dropped or pasted on the wall', () => {
    const writing = form({ wanted: { files: [image()], url: 'https://example.org/a' } });
    expect(writing.attachments.items.map(({ kind }) => kind)).toEqual(['picture', 'link']);
  });

  it('can be stopped for a while, and go on when the post is published', async () => {
    const submit = vi.fn(async () => undefined);
    const writing = form({ submit });
    writing.attachments.addFiles([image()]);
    upload().on.progress(4, 10);
    item(writing).pause();
    upload().on.progress(5, 10);
    expect([item(writing).status, item(writing).sent]).toEqual(['paused', 4]);
    expect(upload().leave).toHaveBeenCalledOnce();
    const done = writing.publish();
    expect(upload().retry).toHaveBeenCalledOnce();
    expect(item(writing).status).toBe('sending');
    upload().on.done();
    expect(await done).toBe(true);
  });

  it('go on after a reload with the files that the device has kept', async () => {
    const kept = new Map<string, File>();
    const files: DraftFiles = {
      put: async (id, file) => void kept.set(id, file),
      get: async (id) => kept.get(id),
      drop: async (ids) => {
        for (const id of ids) kept.delete(id);
      },
    };
    const first = form({ files });
    first.attachments.addFiles([image()]);
    first.keep();
    const second = form({ files });
    await vi.waitFor(() => expect(item(second).status).toBe('sending'));
    expect(upload(1).mediaId).toBe(upload(0).mediaId);
    upload(1).on.done();
    expect(await second.publish()).toBe(true);
    expect(kept.size).toBe(0);
  });

  it('are ten at most', () => {
    const writing = form();
    writing.attachments.addFiles(Array.from({ length: 12 }, (_, index) => image(`${index}.png`)));
    expect(writing.attachments.items).toHaveLength(10);
    expect(writing.attachments.addLink({ url: 'https://example.org/', host: 'x' })).toBeUndefined();
  });

  it('move, go and come back where they were', () => {
    const writing = form();
    writing.attachments.addFiles([image('1.png'), image('2.png'), image('3.png')]);
    const names = () => writing.attachments.uploads.map(({ name }) => name);
    writing.attachments.move(item(writing, 2), -1);
    expect(names()).toEqual(['1.png', '3.png', '2.png']);
    writing.attachments.remove(item(writing, 1));
    expect(upload(2).cancel).not.toHaveBeenCalled();
    writing.attachments.undoRemove();
    expect(names()).toEqual(['1.png', '3.png', '2.png']);
    writing.attachments.remove(item(writing, 0));
    writing.attachments.remove(item(writing, 0));
    expect(upload(0).cancel).toHaveBeenCalledOnce();
    expect(upload(2).cancel).not.toHaveBeenCalled();
  });

  it('are replaced in their place, with their words', () => {
    const writing = form();
    writing.attachments.addFiles([image('1.png'), image('2.png')]);
    const first = item(writing);
    first.alt = 'Un tableau';
    const before = first.mediaId;
    upload().on.failed({ code: 'media_damaged', detail: '', retry: false });
    writing.attachments.replace(first, image('autre.png'));
    expect(item(writing)).toMatchObject({ name: 'autre.png', alt: 'Un tableau' });
    expect(item(writing).mediaId).not.toBe(before);
    upload(0).on.done();
    expect(item(writing).status).toBe('sending');
  });

  it('of a published post stay as they are', () => {
    const attachments = [
      { id: 'x', type: 'media', mediaId: 'm', caption: 'c', alt: 'a' } as const,
      { id: 'y', type: 'link', url: 'https://example.org/', caption: '', alt: '' } as const,
    ];
    const writing = form({ post: { ...published, attachments } });
    expect(writing.draft.attachments).toEqual(attachments);
    expect(writing.changed).toBe(false);
  });
});

function refused(id: string): Media {
  return {
    id,
    rev: 1,
    createdAt: '',
    updatedAt: '',
    ownerId: 'a',
    state: 'refused',
    refusal: 'media_damaged',
  };
}

describe('the section and the colour', () => {
  const rules = {
    binding: true,
    settings: { required: [], maxLength: 0, kinds: [], plainPosts: false, postsEach: 2 },
    sections: [
      { id: 's1', title: 'Idées' },
      { id: 's2', title: 'Questions' },
    ],
    left: 2,
  };

  it('are those asked for, and go with a new post', async () => {
    const submit = vi.fn(async () => undefined);
    const made = form({ rules, submit, wanted: { section: 's2', order: 'V' } });
    made.title = 'a';
    made.colour = 'red';
    await made.publish();
    expect(submit).toHaveBeenCalledWith(
      { title: 'a', body: '', attachments: [], sectionId: 's2', colour: 'red', order: 'V' },
      {},
    );
  });

  it('go with an edit when they change, and only then', async () => {
    const post = { ...published, sectionId: 's1', colour: 'red' };
    const made = form({ rules, post });
    expect(made.draft).not.toHaveProperty('sectionId');
    expect(made.draft).not.toHaveProperty('colour');
    made.section = '';
    made.colour = '';
    expect(made.draft).toMatchObject({ sectionId: '', colour: '' });
  });

  it('are kept with the draft; a section that is gone is none', () => {
    const made = form({ rules, wanted: { section: 's1' } });
    made.title = 'a';
    made.colour = 'blue';
    made.keep();
    expect(form({ rules }).draft).toMatchObject({ sectionId: 's1', colour: 'blue' });
    expect(form({ rules: { ...rules, sections: [] } }).section).toBe('');
    expect(form({ rules, wanted: { section: 's2' } }).section).toBe('s2');
  });

  it('tells that the section has closed before the post goes elsewhere, once', async () => {
    const submit = vi.fn(async () => undefined);
    const asked = { rules, submit, wanted: { section: 's2' } };
    const props = { ...asked, rules: { ...rules } };
    const made = form(props);
    made.title = 'a';
    props.rules.sections = [{ id: 's1', title: 'Idées' }];
    expect(await made.publish()).toBe(false);
    expect(made.strayed).toBe(true);
    expect(submit).not.toHaveBeenCalled();
    made.section = 's1';
    expect(made.strayed).toBe(false);
    props.rules.sections = [];
    expect(await made.publish()).toBe(false);
    expect(await made.publish()).toBe(true);
    expect(submit).toHaveBeenCalledWith({ title: 'a', body: '', attachments: [] }, {});
  });

  it('keep a person who has all the posts they may from sending one more', async () => {
    const submit = vi.fn(async () => undefined);
    const made = form({ rules: { ...rules, left: 0 }, submit });
    made.title = 'a';
    expect(await made.publish()).toBe(false);
    expect(submit).not.toHaveBeenCalled();
    expect(made.full && made.tried).toBe(true);
  });
});
