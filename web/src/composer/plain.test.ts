import { expect, it } from 'vitest';
import { plainText } from '../richtext/parse';
import { htmlOf } from './plain';

it('makes plain words canonical, whatever they are', () => {
  expect(htmlOf('Un & deux <b>\n\n trois ')).toBe('<p>Un &amp; deux &lt;b&gt;</p><p> trois </p>');
  expect(htmlOf(' \n ')).toBe('');
  expect(plainText(htmlOf('a > b "c" \' d'))).toBe('a > b "c" \' d');
});
