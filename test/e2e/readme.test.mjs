// The script that README shows, run as it stands.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { folder, Product, root, samplePicture } from './product.mjs';

test('the script in README makes a wall and posts on it', async (t) => {
  const readme = await readFile(path.join(root, 'README.md'), 'utf8');
  const script = readme.match(/readme\.test\.mjs\. -->\n```sh\n([\s\S]*?)```/)[1];
  const product = await Product.start(t);
  const dir = await folder(t);
  await symlink(product.data, path.join(dir, 'data'));
  samplePicture(path.join(dir, 'photo.jpg'));
  const file = path.join(dir, 'script.sh');
  await writeFile(file, script.replace('http://localhost:8080', product.base));
  const out = execFileSync('bash', ['-euo', 'pipefail', file], { cwd: dir, encoding: 'utf8' });
  assert.deepEqual(out.trim().split('\n'), ['Bonjour à tous', '1']);
});
