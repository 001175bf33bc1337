import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { language } from '../i18n/index.svelte';
import type { LiveWall } from '../sync/live.svelte';
import ShareDialog from './ShareDialog.svelte';

const links = [
  { id: 'm', role: 'moderator', url: 'https://example.org/w/1#mod', password: false },
  { id: 'w', role: 'writer', url: 'https://example.org/w/1#wri', password: true, code: 'K7P2QX' },
];

beforeEach(async () => {
  await language.need('share');
  await language.show('fr');
});

function wall(fetch: (request: Request) => Promise<Response>, abilities: string[]): LiveWall {
  return {
    session: { boardId: 'b', fetch, may: (ability: string) => abilities.includes(ability) },
    store: { board: { title: 'Mur' }, groups: { list: [], find: () => undefined } },
  } as unknown as LiveWall;
}

async function open(abilities = ['links.read', 'links.edit']) {
  const fetch = async () => Response.json({ links, embedSites: [] });
  render(ShareDialog, { wall: wall(fetch, abilities), onclose: vi.fn() });
  await vi.waitFor(() => expect(screen.getAllByLabelText(/^Adresse/).length).toBe(2));
}

describe('ShareDialog', () => {
  it('puts the link most passed on first, each with what it allows', async () => {
    await open();
    const headings = screen.getAllByRole('heading', { level: 3, hidden: true });
    expect(headings.map((one) => one.textContent)).toEqual([
      'Lien de participation',
      'Lien d’animation',
    ]);
    expect(document.body.textContent).toContain('À garder pour l’équipe.');
    expect(document.body.textContent).toContain('Code K7P\u00a02QX');
  });

  it('copies a link and says so', async () => {
    const writeText = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    await open();
    await fireEvent.click(screen.getByLabelText(/^Copier.: Lien de participation/));
    expect(writeText).toHaveBeenCalledWith('https://example.org/w/1#wri');
    await vi.waitFor(() =>
      expect(screen.getByLabelText(/^Copier.: Lien de participation/).textContent).toContain(
        'Copié',
      ),
    );
  });

  it('leaves the link selected when the clipboard is refused', async () => {
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new DOMException('refused'));
    await open();
    await fireEvent.click(screen.getByLabelText(/^Copier.: Lien d’animation/));
    await vi.waitFor(() => expect(screen.getByText(/copiez-le au clavier/)).toBeTruthy());
    const field = screen.getByLabelText<HTMLInputElement>(/^Adresse.: Lien d’animation/);
    expect(field.selectionEnd).toBe(field.value.length);
  });

  it('offers no change to who may only read the links', async () => {
    await open(['links.read']);
    expect(screen.queryByText('Nouveau lien')).toBeNull();
    expect(screen.queryByText('Révoquer')).toBeNull();
  });

  it('says why there is no link', async () => {
    const fetch = async () =>
      Response.json({ code: 'forbidden', detail: 'Réservé à l’animation.' }, { status: 403 });
    render(ShareDialog, { wall: wall(fetch, []), onclose: vi.fn() });
    await vi.waitFor(() => expect(screen.getByText('Réservé à l’animation.')).toBeTruthy());
  });
});
