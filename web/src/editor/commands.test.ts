import { type Command, EditorState, TextSelection } from 'prosemirror-state';
import { describe, expect, it } from 'vitest';
import {
  activeIn,
  indent,
  insertBreak,
  leaveListAtStart,
  linkAt,
  outdent,
  removeLink,
  setLink,
  toggleBullets,
  toggleNumbers,
  toggleStrong,
} from './commands';
import { deserialise } from './document';
import { serialise } from './serialise';

const REL = 'rel="noopener noreferrer nofollow ugc" target="_blank"';

/** The text with the cursor at the end of `word`, or with the word selected. */
function at(html: string, word: string, selected = false): EditorState {
  const doc = deserialise(html);
  let end = -1;
  doc.descendants((node, pos) => {
    const index = node.text?.indexOf(word) ?? -1;
    if (index >= 0 && end < 0) end = pos + index + word.length;
  });
  const selection = TextSelection.create(doc, selected ? end - word.length : end, end);
  return EditorState.create({ doc, selection });
}

function run(state: EditorState, ...commands: Command[]): EditorState {
  let now = state;
  for (const command of commands) {
    command(now, (transaction) => {
      now = now.apply(transaction);
    });
  }
  return now;
}

describe('lists', () => {
  it('start, change their kind and end', () => {
    const bullets = run(at('<p>a</p>', 'a'), toggleBullets);
    expect(serialise(bullets.doc)).toBe('<ul><li>a</li></ul>');
    expect(activeIn(bullets)).toMatchObject({ bullets: true, numbers: false });
    const numbers = run(bullets, toggleNumbers);
    expect(serialise(numbers.doc)).toBe('<ol><li>a</li></ol>');
    expect(serialise(run(numbers, toggleNumbers).doc)).toBe('<p>a</p>');
  });

  it('go deeper and back', () => {
    const deeper = run(at('<ul><li>a</li><li>b</li></ul>', 'b'), indent);
    expect(serialise(deeper.doc)).toBe('<ul><li>a<ul><li>b</li></ul></li></ul>');
    expect(serialise(run(deeper, outdent).doc)).toBe('<ul><li>a</li><li>b</li></ul>');
  });

  it('go four levels deep at most', () => {
    const html =
      '<ul><li>1<ul><li>2<ul><li>3<ul><li>4</li><li>x</li></ul></li></ul></li></ul></li></ul>';
    const state = at(html, 'x');
    expect(indent(state)).toBe(true);
    expect(serialise(run(state, indent).doc)).toBe(html);
  });

  it('leave Tab alone outside them', () => {
    expect(indent(at('<p>a</p>', 'a'))).toBe(false);
    expect(outdent(at('<p>a</p>', 'a'))).toBe(false);
  });

  it('end by Backspace at the start of an item only', () => {
    const state = at('<ul><li>ab</li></ul>', 'a');
    expect(leaveListAtStart(state)).toBe(false);
    const start = state.apply(state.tr.setSelection(TextSelection.create(state.doc, 3)));
    expect(serialise(run(start, leaveListAtStart).doc)).toBe('<p>ab</p>');
  });
});

describe('marks', () => {
  it('are told where the cursor stands', () => {
    expect(activeIn(at('<p><strong>a</strong>b</p>', 'a')).strong).toBe(true);
    expect(activeIn(at('<p><strong>a</strong>b</p>', 'b')).strong).toBe(false);
    expect(activeIn(run(at('<p>a</p>', 'a'), toggleStrong)).strong).toBe(true);
  });

  it('go on over a line break', () => {
    const state = run(at('<p>ab</p>', 'a'), insertBreak);
    expect(serialise(state.doc)).toBe('<p>a<br>b</p>');
  });
});

describe('links', () => {
  const linked = `<p>a <a href="https://example.org/" ${REL}>b <strong>c</strong></a> d</p>`;

  it('are found whole, from anywhere in them', () => {
    expect(linkAt(at(linked, 'b'))).toEqual({ href: 'https://example.org/', from: 3, to: 6 });
    expect(linkAt(at(linked, 'c'))).toEqual({ href: 'https://example.org/', from: 3, to: 6 });
    expect(linkAt(at(linked, 'd'))).toBeUndefined();
  });

  it('are set on the selection', () => {
    const state = run(at('<p>a b</p>', 'b', true), setLink('https://example.org/', 'unused'));
    expect(serialise(state.doc)).toBe(`<p>a <a href="https://example.org/" ${REL}>b</a></p>`);
  });

  it('are written where nothing is selected, and typing goes on beside them', () => {
    const state = run(at('<p>a </p>', 'a'), setLink('https://example.org/', 'example.org'));
    const typed = state.apply(state.tr.insertText('!'));
    expect(serialise(typed.doc)).toBe(
      `<p>a<a href="https://example.org/" ${REL}>example.org</a>!</p>`,
    );
  });

  it('change their address whole, and go whole', () => {
    const changed = run(at(linked, 'b'), setLink('https://example.com/', ''));
    expect(serialise(changed.doc)).toBe(linked.replace('example.org', 'example.com'));
    expect(serialise(run(at(linked, 'c'), removeLink).doc)).toBe('<p>a b <strong>c</strong> d</p>');
  });
});
