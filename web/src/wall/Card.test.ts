import { fireEvent, render, screen, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Attachment, Media, Post } from '../api/types';
import { language } from '../i18n/index.svelte';
import { idOf, media, post } from '../sync/samples';
import { PostCell } from '../sync/store.svelte';
import type { CardActions } from './actions';
import Card from './Card.svelte';

const ME = idOf(900);

function actions(changes: Partial<CardActions> = {}): CardActions {
  return {
    mayEdit: () => false,
    publish: () => undefined,
    mayRemove: () => false,
    isMine: (one) => one.author.id === ME,
    edit: vi.fn(),
    remove: vi.fn(),
    compare: vi.fn(),
    writes: vi.fn(),
    media: () => undefined,
    ...changes,
  };
}

async function show(one: Post, asked: Partial<CardActions> = {}) {
  const given = actions(asked);
  const cell = new PostCell(one);
  render(Card, { cell, actions: given, position: 3, total: 40, attach: () => undefined });
  // What is attached comes on demand.
  await Promise.all([import('../attachments/Attachments.svelte'), language.need('attachments')]);
  await new Promise((done) => setTimeout(done));
  return { cell, actions: given, article: screen.getByRole('article') };
}

function attached(changes: Partial<Attachment>): Post {
  const attachment = {
    id: idOf(1),
    type: 'media' as const,
    mediaId: idOf(5),
    caption: '',
    alt: '',
    ...changes,
  };
  return post(1, { attachments: [attachment] });
}

const picture = {
  width: 1600,
  height: 1200,
  colour: '#336699',
  placeholder: 'data:image/webp;base64,AAAA',
  variants: [
    {
      url: 'https://media.example.org/a-400.webp',
      type: 'image/webp',
      width: 400,
      height: 300,
      bytes: 1,
    },
    {
      url: 'https://media.example.org/a-400.jpg',
      type: 'image/jpeg',
      width: 400,
      height: 300,
      bytes: 1,
    },
    {
      url: 'https://media.example.org/a-1600.webp',
      type: 'image/webp',
      width: 1600,
      height: 1200,
      bytes: 1,
    },
    {
      url: 'https://media.example.org/a-1600.jpg',
      type: 'image/jpeg',
      width: 1600,
      height: 1200,
      bytes: 1,
    },
  ],
};

beforeEach(() => language.show('fr'));

describe('Card', () => {
  it('is an article named by its title, with its place in the feed', async () => {
    const { article } = await show(post(1, { title: 'Ticket de sortie' }));
    const heading = within(article).getByRole('heading', { level: 3, name: 'Ticket de sortie' });
    expect(article.getAttribute('aria-labelledby')).toBe(heading.id);
    expect(article.getAttribute('aria-posinset')).toBe('3');
    expect(article.getAttribute('aria-setsize')).toBe('40');
  });

  it('is named by its author when it has no title', async () => {
    const { article } = await show(post(1, { title: '' }));
    expect(article.getAttribute('aria-label')).toBe('Publication de Noé Garnier');
    expect(within(article).queryByRole('heading')).toBeNull();
  });

  it('tells who and when', async () => {
    const { article } = await show(post(1));
    expect(article.textContent).toContain('Noé Garnier');
    const time = article.querySelector('time');
    expect(time?.dateTime).toBe('2026-11-18T09:01:00.000Z');
    expect(time?.title).toMatch(/18 novembre 2026/);
  });

  it('tells an edit, and takes nothing else that was done to it for one', async () => {
    const { cell, article } = await show(
      post(1, { rev: 4, updatedAt: '2026-11-18T10:00:00.000Z' }),
    );
    expect(article.textContent).not.toContain('modifié');
    cell.take(post(1, { rev: 5, editedAt: '2026-11-18T10:30:00.000Z' }));
    await expect.poll(() => article.textContent).toContain('modifié');
  });

  it('follows its post', async () => {
    const { cell, article } = await show(post(1));
    cell.take(post(1, { rev: 2, title: 'Edited' }));
    await expect.poll(() => article.querySelector('h3')?.textContent).toBe('Edited');
  });

  it('opens by its title, by Enter and by its menu, for those who may do nothing else too', async () => {
    const open = vi.fn();
    const { article } = await show(post(1), { open });
    const link = within(article).getByRole('link', { name: 'Post 1' });
    expect(link.getAttribute('href')).toBe(`?post=${idOf(1)}`);
    await fireEvent.keyDown(article, { key: 'Enter' });
    await fireEvent.click(await screen.findByRole('button', { name: 'Actions\u00a0: Post 1' }));
    const items = await screen.findAllByRole('menuitem');
    expect(items.map((item) => item.textContent)).toEqual(['Ouvrir']);
    await fireEvent.click(items[0] as Element);
    await vi.waitFor(() => expect(open.mock.calls).toEqual([[idOf(1)], [idOf(1)]]));
  });

  it('offers what the person may do, by the keyboard too', async () => {
    const given = await show(post(1), { mayEdit: () => true, mayRemove: () => true });
    const opener = await screen.findByRole('button', { name: 'Actions\u00a0: Post 1' });
    await fireEvent.click(opener);
    const [edit, remove] = await screen.findAllByRole('menuitem');
    await vi.waitFor(() => expect(document.activeElement).toBe(edit));
    await fireEvent.keyDown(edit as Element, { key: 'ArrowDown' });
    expect(document.activeElement).toBe(remove);
    await fireEvent.keyDown(remove as Element, { key: 'Escape' });
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(opener);
    await fireEvent.click(opener);
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'Supprimer' }));
    await vi.waitFor(() => expect(given.actions.remove).toHaveBeenCalledWith(given.cell.doc));
  });
});

describe('Card: pictures', () => {
  const withMedia = (changes: Partial<Media>) => ({ media: () => media(5, changes) });

  it('shows a picture in its formats, its room kept before it loads', async () => {
    const { article } = await show(
      attached({ alt: 'Un tableau', caption: 'Au tableau' }),
      withMedia({ state: 'ready', picture }),
    );
    const image = article.querySelector('img');
    expect(image?.alt).toBe('Un tableau');
    expect([image?.getAttribute('width'), image?.getAttribute('height')]).toEqual(['1600', '1200']);
    expect(image?.getAttribute('src')).toBe('https://media.example.org/a-1600.jpg');
    expect(image?.getAttribute('loading')).toBe('lazy');
    const source = article.querySelector('source');
    expect(source?.type).toBe('image/webp');
    expect(source?.srcset).toBe(
      'https://media.example.org/a-400.webp 400w, https://media.example.org/a-1600.webp 1600w',
    );
    expect(screen.getByRole('link', { name: 'Agrandir l’image\u00a0: Un tableau' })).toBeTruthy();
    expect(article.querySelector('figcaption')?.textContent).toBe('Au tableau');
  });

  it.each([
    ['unknown to this browser', undefined, 'Préparation en cours…'],
    ['being sent', media(5, { state: 'uploading' }), 'Envoi en cours…'],
    ['being looked at', media(5, { state: 'scanning' }), 'Vérification en cours…'],
    ['being prepared', media(5, { state: 'processing' }), 'Préparation en cours…'],
  ])('tells that one is %s', async (_, found, words) => {
    const { article } = await show(attached({ mediaId: idOf(5) }), { media: () => found });
    expect(article.textContent).toContain(words);
    expect(article.querySelector('img')).toBeNull();
  });

  it.each([
    ['media_too_large', 'Il est trop lourd.'],
    ['a_code_of_tomorrow', 'Il n’a pas pu être préparé.'],
  ])('tells its owner why one was refused: %s', async (refusal, words) => {
    const { article } = await show(attached({}), withMedia({ state: 'refused', refusal }));
    expect(article.textContent).toContain(words);
  });

  it('tells others only that it is not there', async () => {
    const { article } = await show(attached({}), {
      ...withMedia({ state: 'refused', refusal: 'media_too_large' }),
      isMine: () => false,
    });
    expect(article.textContent).toContain('Contenu indisponible');
    expect(article.textContent).not.toContain('lourde');
  });
});

describe('Card: links and players', () => {
  const embed = {
    provider: 'pod',
    name: 'PodÉduc',
    src: 'https://podeduc.apps.education.fr/video/1-a/?is_iframe=true',
    url: 'https://podeduc.apps.education.fr/video/1-a/',
    sandbox: 'allow-scripts allow-same-origin',
    allow: 'fullscreen',
  };

  it('names the host of a link, and opens it elsewhere', async () => {
    await show(attached({ type: 'link', url: 'https://www.example.org/a%20b?c=1' }));
    const link = screen.getByRole('link', { name: /example\.org/ });
    expect(link.getAttribute('href')).toBe('https://www.example.org/a%20b?c=1');
    expect(link.getAttribute('target')).toBe('_blank');
    expect(link.getAttribute('rel')).toContain('noopener');
  });

  it('shows no link whose address is not one', async () => {
    const { article } = await show(attached({ type: 'link', url: 'javascript:alert(1)' }));
    expect(article.querySelector('a[href^="javascript"], a[target]')).toBeNull();
  });

  it('asks nothing of a provider before a person does, then plays in a sandbox', async () => {
    const { article } = await show(attached({ type: 'link', url: embed.url, embed }));
    expect(article.querySelector('iframe, img, source')).toBeNull();
    expect(article.textContent).toContain('Le contenu sera chargé depuis PodÉduc.');
    const link = screen.getByRole('link', { name: /Ouvrir dans PodÉduc/ });
    expect(link.getAttribute('href')).toBe(embed.url);

    await fireEvent.click(screen.getByRole('button', { name: 'Lire la vidéo' }));
    const frame = article.querySelector('iframe');
    expect(frame?.getAttribute('src')).toBe(embed.src);
    expect(frame?.getAttribute('sandbox')).toBe(embed.sandbox);
    expect(frame?.getAttribute('allow')).toBe(embed.allow);
    expect(frame?.getAttribute('referrerpolicy')).toBe('strict-origin-when-cross-origin');
    expect(frame?.title).toBe('Post 1 – PodÉduc');
  });

  it('plays no address that is not one', async () => {
    const { article } = await show(
      attached({ type: 'link', url: embed.url, embed: { ...embed, src: 'javascript:alert(1)' } }),
    );
    expect(screen.queryByRole('button', { name: 'Lire la vidéo' })).toBeNull();
    expect(article.querySelector('iframe')).toBeNull();
  });
});
