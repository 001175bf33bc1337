/** Plain words as canonical HTML: a paragraph for each line. */
export function htmlOf(text: string): string {
  const said = text.split('\n').filter((line) => line.trim() !== '');
  return said.map((line) => `<p>${escaped(line)}</p>`).join('');
}

function escaped(line: string): string {
  return line.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
