import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem } from '../api/problem';
import { recall, remember } from '../device/storage';
import { language } from '../i18n/index.svelte';
import type { LiveWall } from '../sync/live.svelte';
import JoinDialog from './JoinDialog.svelte';

beforeEach(async () => {
  await language.need('access');
  await language.show('fr');
});

describe('JoinDialog', () => {
  function open(
    giveName: (name: string) => Promise<unknown> = async () => undefined,
    anonymity = 'named',
    moderates = false,
  ) {
    const given = vi.fn(giveName);
    const onjoined = vi.fn();
    const onlater = vi.fn();
    const store = { board: { settings: { anonymity } } };
    const session = { moderates };
    const wall = { giveName: given, store, session } as unknown as LiveWall;
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

  it.each([
    ['named', false, 'Il accompagne vos publications.'],
    ['peers', false, 'votre nom n’accompagnera pas'],
    ['everyone', false, 'votre nom n’accompagnera pas'],
    ['everyone', true, 'Il accompagne vos publications.'],
  ])('says whether the name is shown: %s, a trainer: %s', (anonymity, moderates, words) => {
    open(undefined, anonymity, moderates);
    expect(screen.getByText(words, { exact: false })).toBeTruthy();
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
