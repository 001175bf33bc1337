/** What shows a wall in another page. */
export function embedCode(url: string, title: string): string {
  return [
    '<iframe',
    `src="${escaped(url)}"`,
    `title="${escaped(title)}"`,
    'width="100%" height="700"',
    'allow="clipboard-write; fullscreen"',
    'loading="lazy"></iframe>',
  ].join(' ');
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');
}
