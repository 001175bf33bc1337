import { expect, test } from 'vitest';
import { fileName } from './files';

test('a title becomes a name that every system takes', () => {
  expect(fileName('L’été à Orléans : 3ᵉ / "B"')).toBe('L-ete-a-Orleans-3-B');
  expect(fileName('../../etc/passwd')).toBe('etc-passwd');
  expect(fileName('日本')).toBe('mur');
  expect(fileName('a'.repeat(300))).toHaveLength(80);
});
