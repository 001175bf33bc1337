import { baseKeymap } from 'prosemirror-commands';
import { redo, undo } from 'prosemirror-history';
import { type InputRule, inputRules, wrappingInputRule } from 'prosemirror-inputrules';
import { keymap } from 'prosemirror-keymap';
import { splitListItem } from 'prosemirror-schema-list';
import type { Command, Plugin } from 'prosemirror-state';
import { indent, insertBreak, leaveListAtStart, outdent, toggleEm, toggleStrong } from './commands';
import { nodes } from './schema';

/** The keys of the text. `askLink` opens the form for a link. */
export function keys(askLink: () => void): Plugin[] {
  return [
    keymap({
      'Mod-b': toggleStrong,
      'Mod-i': toggleEm,
      'Mod-k': () => {
        askLink();
        return true;
      },
      'Mod-z': undo,
      'Shift-Mod-z': redo,
      'Mod-y': redo,
      'Shift-Enter': insertBreak,
      // Publishes: the composer's key, also where the text has the focus.
      'Mod-Enter': () => false,
      Enter: splitListItem(nodes.list_item),
      Backspace: leaveListAtStart,
    }),
    keymap(baseKeymap),
  ];
}

/**
 * Tab moves the items of a list. So that nobody is trapped in the text, Escape
 * gives the next Tab back to the page; `onarm` tells so.
 */
export class TabKeys {
  #released = false;

  constructor(private readonly onarm: (released: boolean) => void) {}

  plugin(): Plugin {
    const unlessReleased =
      (command: Command): Command =>
      (state, dispatch, view) =>
        !this.#released && command(state, dispatch, view);
    return keymap({ Tab: unlessReleased(indent), 'Shift-Tab': unlessReleased(outdent) });
  }

  /** Gives the next Tab to the page; false when it was so already. */
  release(): boolean {
    if (this.#released) return false;
    this.#set(true);
    return true;
  }

  /** Any other key, or leaving, makes Tab move items again. */
  reset(): void {
    if (this.#released) this.#set(false);
  }

  #set(released: boolean): void {
    this.#released = released;
    this.onarm(released);
  }
}

/** Lists by typing "- ", "* " or "1. " at the start of a line. */
export function typedLists(): Plugin {
  const rules: InputRule[] = [
    wrappingInputRule(/^\s*[-*•]\s$/, nodes.bullet_list),
    wrappingInputRule(/^\s*1[.)]\s$/, nodes.ordered_list),
  ];
  return inputRules({ rules });
}
