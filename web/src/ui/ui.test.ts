import { fireEvent, render, screen } from '@testing-library/svelte';
import { createRawSnippet } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { language } from '../i18n/index.svelte';
import Button from './Button.svelte';
import Checkbox from './Checkbox.svelte';
import Dialog from './Dialog.svelte';
import Toasts from './Toasts.svelte';
import { toasts } from './toasts.svelte';

const words = (text: string) => createRawSnippet(() => ({ render: () => `<span>${text}</span>` }));

beforeEach(() => language.show('fr'));

describe('Button', () => {
  it('has a name even when it shows an icon alone', () => {
    render(Button, { icon: 'share', label: 'Partager' });
    expect(screen.getByRole('button', { name: 'Partager' }).getAttribute('type')).toBe('button');
  });

  it('keeps the focus and ignores clicks while busy', async () => {
    const onclick = vi.fn();
    render(Button, { busy: true, onclick, children: words('Publier') });
    const button = screen.getByRole('button', { name: 'Publier' });
    await fireEvent.click(button);
    expect(onclick).not.toHaveBeenCalled();
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(button.hasAttribute('disabled')).toBe(false);
  });
});

describe('Checkbox', () => {
  it('shows what holds, also when a change is refused', async () => {
    const asked = vi.fn();
    const props = {
      label: 'Images',
      get checked() {
        return true;
      },
      set checked(checked: boolean) {
        asked(checked);
      },
    };
    render(Checkbox, props);
    const box = screen.getByRole<HTMLInputElement>('checkbox', { name: 'Images' });
    await fireEvent.click(box);
    expect(asked).toHaveBeenCalledWith(false);
    expect(box.checked).toBe(true);
  });
});

describe('Dialog', () => {
  it('is named by its title, and gives the focus back when it goes', async () => {
    const opener = document.createElement('button');
    document.body.append(opener);
    opener.focus();
    const { unmount } = render(Dialog, {
      title: 'Partager',
      onclose: vi.fn(),
      children: words('…'),
    });
    const dialog = screen.getByRole('dialog', { name: 'Partager' });
    expect((dialog as HTMLDialogElement).open).toBe(true);
    unmount();
    expect(document.activeElement).toBe(opener);
  });

  it('asks its owner to close on Escape and on the cross', async () => {
    const onclose = vi.fn();
    render(Dialog, { title: 'Partager', onclose, children: words('…') });
    await fireEvent(screen.getByRole('dialog'), new Event('cancel', { cancelable: true }));
    await fireEvent.click(screen.getByRole('button', { name: 'Fermer' }));
    expect(onclose).toHaveBeenCalledTimes(2);
  });

  it('is not closed by a file picker inside it', async () => {
    const onclose = vi.fn();
    render(Dialog, { title: 'Partager', onclose, children: words('picker') });
    await fireEvent(screen.getByText('picker'), new Event('cancel', { bubbles: true }));
    expect(onclose).not.toHaveBeenCalled();
  });
});

describe('Toasts', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    for (const { key } of toasts.items) toasts.dismiss(key);
    vi.useRealTimers();
  });

  it('pass by themselves', async () => {
    render(Toasts);
    toasts.show({ text: 'Publication supprimée.', lasts: 10_000 });
    await vi.advanceTimersByTimeAsync(9_999);
    expect(screen.getByRole('status').textContent).toContain('Publication supprimée.');
    await vi.advanceTimersByTimeAsync(1);
    expect(screen.getByRole('status').textContent).not.toContain('Publication supprimée.');
  });

  it('stay while a person is on them, and act once', async () => {
    const run = vi.fn();
    render(Toasts);
    toasts.show({
      text: 'Publication supprimée.',
      lasts: 1_000,
      action: { label: 'Annuler', run },
    });
    await vi.advanceTimersByTimeAsync(0);
    const undo = screen.getByRole('button', { name: 'Annuler' });
    await fireEvent.focusIn(undo);
    await vi.advanceTimersByTimeAsync(60_000);
    await fireEvent.click(undo);
    expect(run).toHaveBeenCalledTimes(1);
    expect(toasts.items).toEqual([]);
  });
});
