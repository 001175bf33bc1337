import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { language } from '../i18n/index.svelte';
import type { Writes } from '../queue';
import type { Trouble, Waiting as Unsent } from '../queue/write';
import type { LiveWall } from '../sync/live.svelte';
import { board, change, idOf, post } from '../sync/samples';
import { toasts } from '../ui/toasts.svelte';
import type { CardActions } from './actions';
import Waiting from './Waiting.svelte';
import WaitingBoard from './WaitingBoard.svelte';
import WaitingCount from './WaitingCount.svelte';

const mine = post(1, { title: 'Mine' });
const theirs = post(1, { rev: 5, title: 'Theirs' });

function unsent(changes: Partial<Unsent> = {}): Unsent {
  return {
    id: mine.id,
    kind: 'edit',
    trouble: undefined,
    lasting: true,
    progress: undefined,
    ...changes,
  };
}

function queue() {
  return {
    retry: vi.fn(async () => undefined),
    giveUp: vi.fn(async () => undefined),
    bringBack: vi.fn(async () => undefined),
    publishAnew: vi.fn(async () => ''),
  };
}

function show(waiting: Unsent) {
  const asked = queue();
  const actions = {
    edit: vi.fn(),
    compare: vi.fn(),
    writes: async () => ({ queue: asked }) as unknown as Writes,
  };
  render(Waiting, {
    post: mine,
    name: 'Mine',
    waiting,
    actions: actions as unknown as CardActions,
  });
  return { asked, actions };
}

async function press(name: string | RegExp) {
  await fireEvent.click(screen.getByRole('button', { name }));
  await vi.waitFor(() => undefined);
}

function conflictOf(kind: Unsent['kind']): Unsent {
  return unsent({
    kind,
    trouble: { status: 412, code: 'revision_conflict', current: change(theirs) },
  });
}

beforeEach(async () => {
  await language.need('queue');
  await language.show('fr');
});

describe('S18: a card that waits', () => {
  it('says so quietly, can be sent again and given up, and that undone', async () => {
    const { asked } = show(unsent({ kind: 'create' }));
    expect(screen.getByText('Pas encore envoyé')).toBeTruthy();
    await press('Réessayer\u00a0: Mine');
    expect(asked.retry).toHaveBeenCalledWith(mine.id, undefined);
    await press('Abandonner\u00a0: Mine');
    expect(asked.giveUp).toHaveBeenCalledWith(mine.id);
    const toast = toasts.items.at(-1);
    expect(toast?.text).toBe('Envoi abandonné.');
    toast?.action?.run();
    await vi.waitFor(() => expect(asked.bringBack).toHaveBeenCalledWith(mine));
  });

  it('warns where the browser keeps nothing', () => {
    show(unsent({ lasting: false }));
    expect(screen.getByText(/gardez cette page ouverte/)).toBeTruthy();
  });

  it('tells how far its pictures are', () => {
    show(unsent({ progress: 0.42 }));
    expect(screen.getByText(/Envoi… 42/)).toBeTruthy();
  });

  it('lets the person compare on a conflict', async () => {
    const { actions } = show(conflictOf('edit'));
    expect(screen.getByText('Modification non enregistrée')).toBeTruthy();
    await press('Comparer et choisir');
    expect(actions.compare).toHaveBeenCalledWith(mine, theirs);
  });

  it('asks before deleting what somebody has changed since', async () => {
    const { asked } = show(conflictOf('delete'));
    await press('Supprimer quand même');
    expect(asked.retry).toHaveBeenCalledWith(mine.id, 5);
    await press(/^Garder la publication/);
    expect(asked.giveUp).toHaveBeenCalledWith(mine.id);
  });

  it('offers to publish again what is gone', async () => {
    const { asked } = show(unsent({ trouble: { status: 404, code: 'not_found' } }));
    await press('Publier de nouveau');
    expect(asked.publishAnew).toHaveBeenCalledWith(mine.id);
  });

  it.each<[string, Trouble, string]>([
    [
      'a right that is gone',
      { status: 403, code: 'forbidden', detail: 'Interdit.' },
      'Interdit. Votre accès',
    ],
    [
      'a field at fault',
      {
        status: 422,
        code: 'invalid',
        errors: [{ code: 'x', field: 'title', detail: 'Trop long.' }],
      },
      'Trop long.',
    ],
  ])('tells %s, with what to do', async (_, trouble, words) => {
    const { asked, actions } = show(unsent({ kind: 'create', trouble }));
    expect(document.body.textContent).toContain('Pas encore publié');
    expect(document.body.textContent).toContain(words);
    await press('Modifier');
    expect(actions.edit).toHaveBeenCalledWith(mine);
    await press('Réessayer');
    expect(asked.retry).toHaveBeenCalled();
  });
});

describe('S18: the toolbar', () => {
  it('counts what waits, and leads to what was refused', async () => {
    const onreview = vi.fn();
    const refused = unsent({ id: idOf(3), trouble: { status: 403, code: 'forbidden' } });
    render(WaitingCount, { unsent: [unsent(), unsent({ id: idOf(2) }), refused], onreview });
    expect(screen.getByRole('status').textContent).toBe('2 envois en attente');
    await press(/^1 envoi à revoir/);
    expect(onreview).toHaveBeenCalledWith(idOf(3));
  });
});

describe('S18: the wall’s title', () => {
  it('shows both versions and keeps the one chosen', async () => {
    const asked = queue();
    const wall = {
      store: { board: board({ title: 'Mine' }) },
      writes: async () => ({ queue: asked }),
    } as unknown as LiveWall;
    const current = { kind: 'board' as const, board: board({ rev: 4, title: 'Theirs' }) };
    const trouble = { status: 412, code: 'revision_conflict', current };
    render(WaitingBoard, { wall, waiting: unsent({ id: 'b', kind: 'board', trouble }) });
    expect(document.body.textContent).toMatch(/Mine.*Theirs/s);
    await press('Garder ma version');
    expect(asked.retry).toHaveBeenCalledWith('b', 4);
    await press('Garder la version publiée');
    expect(asked.giveUp).toHaveBeenCalledWith('b');
  });
});
