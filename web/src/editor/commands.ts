import { chainCommands, toggleMark } from 'prosemirror-commands';
import type { Mark, NodeType, ResolvedPos } from 'prosemirror-model';
import { liftListItem, sinkListItem, wrapInList } from 'prosemirror-schema-list';
import { type Command, type EditorState, TextSelection } from 'prosemirror-state';
import { markOf, marks, nodes, schema } from './schema';

/** How deep lists nest; the server flattens deeper ones. */
const MAX_LIST_DEPTH = 4;

export const toggleStrong = toggleMark(marks.strong);
export const toggleEm = toggleMark(marks.em);
export const toggleBullets = toggleList(nodes.bullet_list);
export const toggleNumbers = toggleList(nodes.ordered_list);

/** One level deeper, in a list; takes the key even where it cannot, so that Tab does one thing. */
export const indent: Command = (state, dispatch) => {
  if (!inList(state)) return false;
  if (listDepth(state.selection.$from) < MAX_LIST_DEPTH) {
    sinkListItem(nodes.list_item)(state, dispatch);
  }
  return true;
};

/** One level back, in a list; out of it at the first level. */
export const outdent: Command = liftListItem(nodes.list_item);

/** Backspace at the start of an item takes it out, as word processors do. */
export const leaveListAtStart: Command = (state, dispatch) => {
  const { $cursor } = state.selection as TextSelection;
  if (!$cursor || $cursor.parentOffset > 0) return false;
  return liftListItem(nodes.list_item)(state, dispatch);
};

export const insertBreak: Command = (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
  return true;
};

/** What the toolbar shows as pressed. */
export interface Active {
  strong: boolean;
  em: boolean;
  bullets: boolean;
  numbers: boolean;
  link: boolean;
}

export function activeIn(state: EditorState): Active {
  const list = innermostList(state.selection.$from);
  return {
    strong: hasMark(state, 'strong'),
    em: hasMark(state, 'em'),
    bullets: list?.type === nodes.bullet_list,
    numbers: list?.type === nodes.ordered_list,
    link: linkAt(state) !== undefined,
  };
}

export function inList(state: EditorState): boolean {
  return innermostList(state.selection.$from) !== undefined;
}

/** A link around or within the selection, and where it stands in the document. */
export interface LinkRange {
  href: string;
  from: number;
  to: number;
}

export function linkAt(state: EditorState): LinkRange | undefined {
  const { from, to, empty, $from } = state.selection;
  if (empty) return linkAround($from);
  let found: LinkRange | undefined;
  state.doc.nodesBetween(from, to, (node, pos) => {
    const mark = markOf(node, marks.link);
    if (mark && !found) found = linkAround(state.doc.resolve(Math.max(pos, from) + 1));
  });
  return found;
}

/** Links the selection, or the whole link it stands in; writes `text` where nothing is selected. */
export function setLink(href: string, text: string): Command {
  return (state, dispatch) => {
    const mark = schema.mark('link', { href });
    const old = linkAt(state);
    const { from, to } = old && state.selection.empty ? old : state.selection;
    const tr = state.tr;
    if (from === to) {
      tr.replaceSelectionWith(schema.text(text, mark.addToSet($marks(state))), false);
      tr.removeStoredMark(marks.link);
    } else {
      tr.removeMark(from, to, marks.link).addMark(from, to, mark);
    }
    dispatch?.(tr.scrollIntoView());
    return true;
  };
}

export const removeLink: Command = (state, dispatch) => {
  const link = linkAt(state);
  if (!link) return false;
  const { empty, from, to } = state.selection;
  const range = empty ? link : { from, to };
  dispatch?.(state.tr.removeMark(range.from, range.to, marks.link));
  return true;
};

/** Selects a whole range, so that what is about to change is seen. */
export function select(range: { from: number; to: number }): Command {
  return (state, dispatch) => {
    dispatch?.(state.tr.setSelection(TextSelection.create(state.doc, range.from, range.to)));
    return true;
  };
}

function toggleList(type: NodeType): Command {
  return (state, dispatch) => {
    const list = innermostList(state.selection.$from);
    if (list?.type === type) return liftListItem(nodes.list_item)(state, dispatch);
    if (list) {
      dispatch?.(state.tr.setNodeMarkup(list.pos, type));
      return true;
    }
    return chainCommands(wrapInList(type))(state, dispatch);
  };
}

function innermostList($pos: ResolvedPos): { type: NodeType; pos: number } | undefined {
  for (let depth = $pos.depth; depth > 0; depth--) {
    const { type } = $pos.node(depth);
    if (type.isInGroup('list')) return { type, pos: $pos.before(depth) };
  }
  return undefined;
}

function listDepth($pos: ResolvedPos): number {
  let lists = 0;
  for (let depth = 1; depth <= $pos.depth; depth++) {
    if ($pos.node(depth).type.isInGroup('list')) lists++;
  }
  return lists;
}

function hasMark(state: EditorState, name: 'strong' | 'em'): boolean {
  const { from, to, empty } = state.selection;
  if (empty) return marks[name].isInSet($marks(state)) !== undefined;
  return state.doc.rangeHasMark(from, to, marks[name]);
}

function $marks(state: EditorState): readonly Mark[] {
  return state.storedMarks ?? state.selection.$from.marks();
}

/** The link whose text touches a position, with all its neighbours of the same address. */
function linkAround($pos: ResolvedPos): LinkRange | undefined {
  const { parent } = $pos;
  const start = $pos.start();
  const before = $pos.nodeBefore && markOf($pos.nodeBefore, marks.link);
  const after = $pos.nodeAfter && markOf($pos.nodeAfter, marks.link);
  const mark = after ?? before;
  if (!mark || !parent.isTextblock) return undefined;
  let index = after ? $pos.index() : $pos.index() - ($pos.textOffset === 0 ? 1 : 0);
  let last = index;
  const linked = (at: number) =>
    at >= 0 && at < parent.childCount && mark.isInSet(parent.child(at).marks);
  while (linked(index - 1)) index--;
  while (linked(last + 1)) last++;
  return {
    href: String(mark.attrs['href']),
    from: start + sizeOf(0, index),
    to: start + sizeOf(0, last + 1),
  };

  function sizeOf(from: number, to: number): number {
    let size = 0;
    for (let at = from; at < to; at++) size += parent.child(at).nodeSize;
    return size;
  }
}
