/** How long the browser may take to begin with a file, in milliseconds. */
const KEPT_MS = 30_000;

/** How much of a file stands in the page's own memory, in bytes. */
const MOST_HELD = 8 * 1024 * 1024;

/** Reads an answer whole, and tells of each piece how many bytes it has. What the
 * browser holds as a file it may put on its disk. */
export async function gather(answer: Response, told: (bytes: number) => void): Promise<Blob> {
  let parts: BlobPart[] = [];
  let held = 0;
  const reader = answer.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) break;
    parts.push(next.value);
    held += next.value.byteLength;
    told(next.value.byteLength);
    if (held < MOST_HELD) continue;
    parts = [new Blob(parts)];
    held = 0;
  }
  return new Blob(parts, { type: answer.headers.get('Content-Type') ?? '' });
}

/** Has the browser keep a file. */
export function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

/** A name that every system takes, out of a wall's title. */
export function fileName(title: string): string {
  const plain = title.normalize('NFD').replace(/\p{M}/gu, '');
  return (
    plain
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 80) || 'mur'
  );
}
