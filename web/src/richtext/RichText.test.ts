import { render } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import RichText from './RichText.svelte';

function shown(html: string): Element {
  const { container } = render(RichText, { html });
  const root = container.querySelector('.rich');
  if (!root) throw new Error('nothing rendered');
  return root;
}

describe('RichText', () => {
  it('keeps the words together and apart as they are', () => {
    const root = shown('<p>Un <strong>mot</strong>, <em>deux</em> mots.</p><p>Trois<br>quatre</p>');
    expect(root.textContent.trim().replace(/\s+/g, ' ')).toContain('Un mot, deux mots.');
    expect(root.querySelectorAll('p')).toHaveLength(2);
    expect(root.querySelector('p strong')?.textContent).toBe('mot');
    expect(root.querySelector('br')).not.toBeNull();
  });

  it('opens links elsewhere, without a referrer or a hold on this page', () => {
    const link = shown('<p><a href="https://example.org/?a=1&amp;b=2">là</a></p>').querySelector(
      'a',
    );
    expect(link?.getAttribute('href')).toBe('https://example.org/?a=1&b=2');
    expect(link?.target).toBe('_blank');
    expect(link?.rel).toBe('noopener noreferrer nofollow ugc');
  });

  it('shows markup that it does not know as text', () => {
    const root = shown('<p>&lt;img src=x&gt;</p><script>alert(1)</script>');
    expect(root.querySelector('img, script')).toBeNull();
    expect(root.textContent).toContain('<img src=x>');
  });
});
