import { describe, expect, it } from 'vitest';
import { preparePasted } from './pasted';

describe('preparePasted', () => {
  it('keeps styles and handlers from the browser', () => {
    expect(preparePasted('<p style="color:red" class=a onclick="x()">a</p>')).toBe(
      '<p data-style="color:red" class=a data-onclick="x()">a</p>',
    );
  });

  it('drops style sheets, whole or cut off', () => {
    expect(preparePasted('<style>p{}</style>a<STYLE type=x>b{')).toBe('a');
  });

  it('leaves the text alone', () => {
    expect(preparePasted('<p>a style = b, onclick = c</p>')).toBe(
      '<p>a style = b, onclick = c</p>',
    );
  });

  it('keeps the words of table cells apart', () => {
    expect(preparePasted('<td>a</td><th>b</th>')).toBe('<td>a </td><th>b </th>');
  });
});
