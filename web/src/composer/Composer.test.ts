import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem } from '../api/problem';
import type { ComposerProps, UploadEvents } from '../composer-seam';
import { language } from '../i18n/index.svelte';
import Composer from './Composer.svelte';

let uploads: UploadEvents[] = [];

function open(part: Partial<ComposerProps> = {}) {
  const props = {
    boardId: 'b1',
    submit: vi.fn(async () => undefined),
    startUpload: vi.fn((_file: File, _id: string, on: UploadEvents) => {
      uploads.push(on);
      return { cancel: vi.fn(), retry: vi.fn(), leave: vi.fn() };
    }),
    mediaState: () => undefined,
    onclose: vi.fn(),
    ...part,
  };
  return { ...props, ...render(Composer, props) };
}

const title = () => screen.getByRole<HTMLInputElement>('textbox', { name: 'Titre' });
const text = () => screen.getByRole('textbox', { name: 'Texte' });
const ask = (field: string) => fireEvent.click(screen.getByRole('button', { name: field }));
const publish = () => screen.getByRole('button', { name: 'Publier' });

async function choose(name = 'a.png', type = 'image/png') {
  const file = new File(['abc'], name, { type });
  await fireEvent.change(screen.getByLabelText('Image'), { target: { files: [file] } });
}

beforeEach(async () => {
  uploads = [];
  URL.createObjectURL = () => 'blob:picture';
  URL.revokeObjectURL = () => undefined;
  await language.need('composer');
  await language.show('fr');
});

describe('the composer', () => {
  it('opens on its text alone, and the rest is one button away', async () => {
    open();
    expect(document.activeElement).toBe(text());
    expect(screen.queryByRole('textbox', { name: 'Titre' })).toBeNull();
    expect(screen.queryByRole('radio')).toBeNull();
    await ask('Couleur');
    await waitFor(() => expect(document.activeElement).toBe(screen.getAllByRole('radio')[0]));
    await ask('Titre');
    await waitFor(() => expect(document.activeElement).toBe(title()));
    expect(screen.queryByRole('button', { name: 'Titre' })).toBeNull();
    // A field that is emptied stays where it is.
    await fireEvent.input(title(), { target: { value: 'Bonjour' } });
    await fireEvent.input(title(), { target: { value: '' } });
    expect(title()).toBeTruthy();
  });

  it('takes words before the editor is there, and the editor goes on with them', async () => {
    const { submit } = open();
    expect(text()).toBeInstanceOf(HTMLTextAreaElement);
    await fireEvent.input(text(), { target: { value: 'Un & deux' } });
    await waitFor(() => expect(text()).not.toBeInstanceOf(HTMLTextAreaElement));
    expect(text().textContent).toBe('Un & deux');
    await fireEvent.click(publish());
    expect(submit).toHaveBeenCalledWith(
      { title: '', body: '<p>Un &amp; deux</p>', attachments: [] },
      {},
    );
  });

  it('shows at once what the wall asks for, and what a post has', async () => {
    const settings = {
      required: ['title', 'section'],
      maxLength: 0,
      kinds: [],
      plainPosts: false,
      postsEach: 0,
    };
    const sections = [{ id: 's1', title: 'Idées' }];
    const rules = { binding: true, settings, sections, left: undefined } as ComposerProps['rules'];
    const { unmount } = open({ rules });
    expect(screen.getByRole('textbox', { name: 'Titre (obligatoire)' })).toBeTruthy();
    expect(screen.getByRole('combobox', { name: 'Section (obligatoire)' })).toBeTruthy();
    unmount();
    open({
      wanted: { section: 's1' },
      rules: { ...rules, binding: false } as ComposerProps['rules'],
    });
    expect(screen.getByRole('combobox', { name: 'Section' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Titre' })).toBeTruthy();
  });

  it.each([
    ['peers', /Les autres participants ne verront pas votre nom, l’animation le verra\./],
    ['everyone', /Votre nom ne sera montré à personne, pas même à l’animation/],
  ] as const)('tells who will see the post, and under what name: %s', (anonymity, words) => {
    const plain = { required: [], maxLength: 0, kinds: [], plainPosts: false, postsEach: 0 };
    const settings = { ...plain, anonymity, moderation: 'all', groups: 'separate' };
    const rules = { binding: true, settings, sections: [], left: undefined, group: 'Lions' };
    const { unmount } = open({ rules: rules as ComposerProps['rules'] });
    expect(screen.getByText(words)).toBeTruthy();
    expect(screen.getByText(/Seuls votre groupe \(«\sLions\s»\)/)).toBeTruthy();
    expect(screen.getByText(/L’animation la lira avant/)).toBeTruthy();
    unmount();
    // Who makes the rules is not bound by them.
    open({ rules: { ...rules, binding: false } as ComposerProps['rules'] });
    expect(screen.queryByText(words)).toBeNull();
  });

  it('publishes what is written', async () => {
    const { submit, onclose } = open();
    expect(screen.getByRole('dialog', { name: 'Nouvelle publication' })).toBeTruthy();
    await ask('Titre');
    await fireEvent.input(title(), { target: { value: 'Bonjour' } });
    await fireEvent.click(publish());
    expect(submit).toHaveBeenCalledWith({ title: 'Bonjour', body: '', attachments: [] }, {});
    await waitFor(() => expect(onclose).toHaveBeenCalled());
  });

  it('says what is missing, at the text, and goes there', async () => {
    const { submit } = open();
    await fireEvent.click(publish());
    const described = (text().getAttribute('aria-describedby') ?? '').split(' ');
    const said = described.map((id) => document.getElementById(id)?.textContent ?? '').join();
    expect(said).toContain('Écrivez un texte ou un titre');
    expect(text().getAttribute('aria-invalid')).toBe('true');
    await waitFor(() => expect(document.activeElement).toBe(text()));
    expect(submit).not.toHaveBeenCalled();
  });

  it('counts near the end of the title', async () => {
    open();
    await ask('Titre');
    await fireEvent.input(title(), { target: { value: 'a'.repeat(199) } });
    expect(screen.getByText('Encore 1 caractère')).toBeTruthy();
    await fireEvent.input(title(), { target: { value: 'a'.repeat(202) } });
    expect(screen.getByText(/dépasse de 2 caractères/)).toBeTruthy();
  });

  it('publishes by Ctrl+Enter, and not by Enter in the title', async () => {
    const { submit } = open();
    await ask('Titre');
    await fireEvent.input(title(), { target: { value: 'Bonjour' } });
    await fireEvent.keyDown(title(), { key: 'Enter' });
    expect(submit).not.toHaveBeenCalled();
    await fireEvent.keyDown(document.activeElement ?? title(), { key: 'Enter', ctrlKey: true });
    expect(submit).toHaveBeenCalledOnce();
  });

  it('shows a picture on its way and waits for it', async () => {
    const { submit } = open();
    await choose();
    uploads[0]?.progress(42, 100);
    await waitFor(() => expect(screen.getByText(/Envoi… 42 %/)).toBeTruthy());
    await fireEvent.click(publish());
    await waitFor(() => expect(screen.getByText(/^Envoi du fichier… 42/)).toBeTruthy());
    uploads[0]?.done();
    await waitFor(() => expect(submit).toHaveBeenCalledOnce());
  });

  it('says why a picture failed and what to do', async () => {
    open();
    await choose();
    uploads[0]?.failed({ code: 'busy', detail: '', retry: true });
    const row = await screen.findByRole('listitem', { name: 'a.png' });
    await waitFor(() => expect(within(row).getByText(/très occupé/)).toBeTruthy());
    await fireEvent.click(publish());
    expect(await screen.findByText(/réessayez, remplacez-le ou retirez-le/)).toBeTruthy();
    await waitFor(() => expect(document.activeElement).toBe(row));
    await fireEvent.click(within(row).getByRole('button', { name: 'Retirer a.png' }));
    expect(await screen.findByRole('button', { name: 'Rétablir' })).toBeTruthy();
  });

  it('publishes a picture that waits for a network, and says that it does', async () => {
    const { submit } = open();
    await choose();
    uploads[0]?.failed({ code: 'network', detail: '', retry: true });
    await waitFor(() => expect(screen.getByText(/dès le retour du réseau/)).toBeTruthy());
    expect(screen.getByRole('button', { name: 'Réessayer' })).toBeTruthy();
    await fireEvent.click(publish());
    await waitFor(() => expect(submit).toHaveBeenCalledOnce());
  });

  it('adds a link from the code of a player, shown as the card will be', async () => {
    const src = 'https://podeduc.apps.education.fr/video/1-x/?is_iframe=true';
    const previewLink = vi.fn(async (url: string) => ({
      attachment: {
        id: 'a1',
        type: 'link' as const,
        url,
        caption: '',
        alt: '',
        embed: { provider: 'pod', name: 'PodÉduc', src, url, sandbox: '', allow: '', starts: true },
      },
    }));
    const { submit } = open({ previewLink });
    await fireEvent.click(screen.getByRole('button', { name: 'Lien ou vidéo' }));
    const field = screen.getByLabelText('Adresse de la page ou de la vidéo');
    await fireEvent.input(field, { target: { value: 'pas une adresse' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Ajouter' }));
    expect(screen.getByText(/Cette adresse n’est pas valable/)).toBeTruthy();
    await fireEvent.input(field, {
      target: { value: '<iframe src="https://podeduc.apps.education.fr/video/1-x/"></iframe>' },
    });
    await fireEvent.click(screen.getByRole('button', { name: 'Ajouter' }));
    expect(await screen.findByText('PodÉduc')).toBeTruthy();
    expect(screen.queryByRole('iframe')).toBeNull();
    await fireEvent.input(screen.getByLabelText(/Commence à/), { target: { value: '1:30' } });
    expect(screen.getByRole('button', { name: 'Lire à 1:30' })).toBeTruthy();
    await fireEvent.click(publish());
    const url = 'https://podeduc.apps.education.fr/video/1-x/?start=90';
    await waitFor(() =>
      expect(submit).toHaveBeenCalledWith(
        expect.objectContaining({ attachments: [expect.objectContaining({ url })] }),
        {},
      ),
    );
  });

  it('adds a plain link when nothing is known of it', async () => {
    const previewLink = vi.fn(() => Promise.reject(new Error('offline')));
    open({ previewLink });
    await fireEvent.click(screen.getByRole('button', { name: 'Lien ou vidéo' }));
    const field = screen.getByLabelText('Adresse de la page ou de la vidéo');
    await fireEvent.input(field, { target: { value: 'example.org' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Ajouter' }));
    expect(await screen.findByRole('link', { name: /example\.org/ })).toBeTruthy();
    expect(screen.queryByLabelText(/Commence à/)).toBeNull();
  });

  it('keeps what was written when closed, and brings it back', async () => {
    const { unmount, onclose } = open();
    await ask('Titre');
    await fireEvent.input(title(), { target: { value: 'Brouillon' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Fermer' }));
    expect(onclose).toHaveBeenCalledOnce();
    unmount();
    open();
    expect(title().value).toBe('Brouillon');
    expect(screen.getByText('Brouillon retrouvé')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Repartir de zéro' }));
    expect(screen.queryByRole('textbox', { name: 'Titre' })).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: 'Rétablir' }));
    expect(title().value).toBe('Brouillon');
  });

  it('shows both versions when another one came in between', async () => {
    const post = {
      id: 'p',
      rev: 1,
      createdAt: '',
      updatedAt: '',
      author: { id: 'a', name: 'Ada' },
      title: 'Avant',
      body: '',
      attachments: [],
      order: 'V',
      state: 'published' as const,
    };
    const submit = vi.fn(async (_draft: unknown, options?: { overwrite?: boolean }) => {
      if (options?.overwrite) return;
      throw new ApiProblem(412, {
        code: 'revision_conflict',
        current: { kind: 'post', post: { ...post, rev: 2, title: 'Entre-temps' } },
      });
    });
    const { onclose } = open({ post, submit });
    await fireEvent.input(title(), { target: { value: 'Après' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Enregistrer' }));
    const mine = await screen.findByRole('region', { name: 'Votre version' });
    expect(within(mine).getByText('Après')).toBeTruthy();
    const theirs = screen.getByRole('region', { name: 'La version publiée' });
    expect(within(theirs).getByText('Entre-temps')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Garder ma version' }));
    await waitFor(() => expect(onclose).toHaveBeenCalled());
  });

  it('says that the connection is lost and stays open', async () => {
    const { onclose } = open({ submit: async () => Promise.reject(new ApiProblem(0, {})) });
    await ask('Titre');
    await fireEvent.input(title(), { target: { value: 'Bonjour' } });
    await fireEvent.click(publish());
    expect(await screen.findByText(/Pas de connexion/)).toBeTruthy();
    expect(onclose).not.toHaveBeenCalled();
  });
});
