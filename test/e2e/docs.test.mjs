// The documentation of the API, in a real browser: no other host, nothing its
// policy refuses.
import assert from 'node:assert/strict';
import test from 'node:test';
import { launch, person } from './browser.mjs';
import { Product } from './product.mjs';

test('the documentation page shows the API and asks no other host', async (t) => {
  const product = await Product.start(t);
  const page = await person(await launch(t));
  await page.goto(`${product.base}/api/docs`);
  await page.getByText('Put a post on the wall').waitFor();
  assert.deepEqual(page.faults, []);
  assert.deepEqual(page.requests.filter((u) => u.startsWith('http') && new URL(u).host !== new URL(product.base).host), []);
});
