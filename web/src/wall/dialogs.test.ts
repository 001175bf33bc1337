import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem } from '../api/problem';
import { recall, remember } from '../device/storage';
import { language } from '../i18n/index.svelte';
import type { LiveWall } from '../sync/live.svelte';
import JoinDialog from './JoinDialog.svelte';
import ShareDialog from './ShareDialog.svelte';

beforeEach(async () => {
  await language.need('access');
  await language.show('fr');
});

describe('JoinDialog', () => {
  function open(giveName: (name: string) => Promise<unknown> = async () => undefined) {
    const given = vi.fn(giveName);
    const onjoined = vi.fn();
    const onlater = vi.fn();
    const wall = { giveName: given } as unknown as LiveWall;
    render(JoinDialog, { wall, onjoined, onlater });
    const field = screen.getByLabelText<HTMLInputElement>('Votre nom');
    const join = () => fireEvent.submit(field.closest('form') as HTMLFormElement);
    return { given, onjoined, onlater, field, join };
  }

  it('gives the name, trimmed, and remembers it for the next wall', async () => {
    const { given, onjoined, field, join } = open();
    await fireEvent.input(field, { target: { value: '  Noé Garnier ' } });
    await join();
    expect(given).toHaveBeenCalledWith('Noé Garnier');
    await vi.waitFor(() => expect(onjoined).toHaveBeenCalled());
    expect(recall('name')).toBe('Noé Garnier');
  });

  it('proposes the name given before', () => {
    remember('name', 'Zoé');
    expect(open().field.value).toBe('Zoé');
  });

  it('asks again for a name that is not one', async () => {
    const { given, field, join } = open();
    await fireEvent.input(field, { target: { value: '   ' } });
    await join();
    expect(given).not.toHaveBeenCalled();
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(field);
    const described = field.getAttribute('aria-describedby')?.split(' ') ?? [];
    const words = described.map((id) => document.getElementById(id)?.textContent).join(' ');
    expect(words).toContain('60 caractères au plus');
  });

  it('says what the server says, and stays', async () => {
    const { onjoined, field, join } = open(async () => {
      throw new ApiProblem(422, { code: 'x', detail: 'Ce nom n’est pas accepté.' });
    });
    await fireEvent.input(field, { target: { value: 'x' } });
    await join();
    await vi.waitFor(() => expect(screen.getByText('Ce nom n’est pas accepté.')).toBeTruthy());
    expect(onjoined).not.toHaveBeenCalled();
  });

  it('lets a person read only', async () => {
    const { onlater } = open();
    await fireEvent.click(screen.getByRole('button', { name: 'Lire seulement, pour l’instant' }));
    expect(onlater).toHaveBeenCalled();
  });
});

describe('ShareDialog', () => {
  const links = [
    { id: 'm', role: 'moderator', url: 'https://example.org/w/1#mod' },
    { id: 'w', role: 'writer', url: 'https://example.org/w/1#wri' },
  ];

  async function open(answer: () => Promise<unknown> = async () => links) {
    render(ShareDialog, { wall: { links: answer } as unknown as LiveWall, onclose: vi.fn() });
    await vi.waitFor(() =>
      expect(screen.queryAllByRole('textbox', { hidden: true }).length).toBe(2),
    );
  }

  it('puts the link most passed on first, each with what it allows', async () => {
    await open();
    const headings = screen.getAllByRole('heading', { level: 3, hidden: true });
    expect(headings.map((one) => one.textContent)).toEqual([
      'Lien de participation',
      'Lien d’animation',
    ]);
    expect(document.body.textContent).toContain('À garder pour l’équipe.');
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
    await vi.waitFor(() => expect(screen.getByText(/n’a pas pu être copié/)).toBeTruthy());
    const field = document.getElementById('link-m') as HTMLInputElement;
    expect(field.selectionEnd).toBe(field.value.length);
  });

  it('says why there is no link', async () => {
    const answer = async () => {
      throw new ApiProblem(403, { code: 'forbidden', detail: 'Réservé à l’animation.' });
    };
    render(ShareDialog, { wall: { links: answer } as unknown as LiveWall, onclose: vi.fn() });
    await vi.waitFor(() => expect(screen.getByText('Réservé à l’animation.')).toBeTruthy());
  });
});
