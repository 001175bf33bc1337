import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Attachment, Embed } from '../api/types';
import { consent } from '../embeds/consent.svelte';
import { playing } from '../embeds/playing.svelte';
import { language } from '../i18n/index.svelte';
import { media } from '../sync/samples';
import Player from './Player.svelte';

const url = 'https://podeduc.apps.education.fr/video/1-x/';
const embed: Embed = {
  provider: 'pod',
  name: 'PodÉduc',
  src: `${url}?is_iframe=true`,
  url,
  sandbox: 'allow-scripts',
  allow: 'fullscreen',
  starts: true,
};
const attachment: Attachment = { id: 'a1', type: 'link', url, caption: '', alt: '' };

function show(
  part: Partial<Embed> = {},
  preview = undefined as ReturnType<typeof media> | undefined,
) {
  return render(Player, { attachment, embed: { ...embed, ...part }, title: 'Bonjour', preview });
}

const frame = (root: Element) => root.querySelector('iframe');

async function seek(seconds: number): Promise<boolean> {
  const found = playing.seek('a1', seconds);
  await tick();
  await tick();
  return found;
}

// Frames are not loaded here, which is no fault: the environment says so each time.
beforeEach(async () => {
  consent.refuseAll();
  Element.prototype.scrollIntoView = () => undefined;
  await language.need('attachments');
  await language.show('fr');
});

describe('a player', () => {
  it('waits to be asked, and says who will be', async () => {
    const { container } = show();
    expect(frame(container)).toBeNull();
    expect(screen.getByText('Le contenu sera chargé depuis PodÉduc.')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Lire la vidéo' }));
    expect(frame(container)?.src).toBe(embed.src);
    expect(frame(container)?.getAttribute('sandbox')).toBe('allow-scripts');
  });

  it('goes to a second by a new frame', async () => {
    const { container } = show();
    await fireEvent.click(screen.getByRole('button', { name: 'Lire la vidéo' }));
    const first = frame(container);
    expect(await seek(90)).toBe(true);
    expect(frame(container)?.src).toBe(`${embed.src}&start=90`);
    expect(frame(container)).not.toBe(first);
    expect(playing.at(['a1'])).toEqual({ attachmentId: 'a1', seconds: 90, exact: false });
  });

  it('asked for a second before it was let in, it still waits', async () => {
    const { container } = show();
    await seek(90);
    expect(frame(container)).toBeNull();
    const button = screen.getByRole('button', { name: 'Lire à 1:30' });
    expect(document.activeElement).toBe(button);
    await fireEvent.click(button);
    expect(frame(container)?.src).toBe(`${embed.src}&start=90`);
  });

  it('goes to no second where its frame takes none, nor once it is gone', async () => {
    const { unmount } = show({ starts: false });
    expect(await seek(5)).toBe(false);
    unmount();
    const other = show();
    expect(await seek(5)).toBe(true);
    other.unmount();
    expect(await seek(5)).toBe(false);
  });

  it('is let in for good, and goes on playing when it is sent away', async () => {
    const { container } = show();
    await fireEvent.click(screen.getByRole('button', { name: 'Lire la vidéo' }));
    const always = screen.getByRole('checkbox', { name: /Toujours afficher PodÉduc/ });
    await fireEvent.click(always);
    expect(consent.allows('podeduc.apps.education.fr')).toBe(true);
    await fireEvent.click(always);
    expect(consent.allowed).toEqual([]);
    expect(frame(container)).not.toBeNull();
  });

  it('is there at once where its site is let in', () => {
    consent.allow('podeduc.apps.education.fr', 'PodÉduc');
    expect(frame(show().container)).not.toBeNull();
  });

  it('explains what is not for all', () => {
    const link = { host: 'podeduc.apps.education.fr', restricted: true };
    show({}, media(1, { kind: 'link', link, state: 'ready' }));
    expect(screen.getByText(/Réservée à certaines personnes/)).toBeTruthy();
    expect(screen.getByRole('link', { name: /Ouvrir dans PodÉduc/ }).getAttribute('href')).toBe(
      url,
    );
  });
});
