import { history } from 'prosemirror-history';
import { type Command, EditorState, Plugin, Selection } from 'prosemirror-state';
import { Decoration, DecorationSet, EditorView } from 'prosemirror-view';
import { type Active, activeIn, inList, setLink } from './commands';
import { deserialise } from './document';
import { cleanHref } from './href';
import { keys, TabKeys, typedLists } from './keys';
import { preparePasted } from './pasted';
import { serialise } from './serialise';

export interface TextOptions {
  /** Canonical HTML to start with. */
  html: string;
  /** Attributes of the editable element, read again at every `refresh`. */
  attributes: () => Record<string, string>;
  placeholder: () => string;
  /** The text changed; canonical HTML. */
  onchange: (html: string) => void;
  /** The selection or the text changed. */
  onactive: (active: Active) => void;
  /** The next Tab leaves the text (true), or moves list items (false). */
  onrelease: (released: boolean) => void;
  askLink: () => void;
}

/** The editable text: ProseMirror behind the few acts that the toolbar needs. */
export class TextView {
  readonly #view: EditorView;

  constructor(place: HTMLElement, options: TextOptions) {
    const tab = new TabKeys(options.onrelease);
    const doc = deserialise(options.html);
    this.#view = new EditorView(place, {
      state: EditorState.create({
        doc,
        // Whoever comes to a text goes on with it.
        selection: Selection.atEnd(doc),
        plugins: [
          typedLists(),
          tab.plugin(),
          ...keys(options.askLink),
          history(),
          placeholder(options.placeholder),
        ],
      }),
      attributes: () => options.attributes(),
      transformPastedHTML: preparePasted,
      handlePaste: (view, event) => pasteAddress(view, event),
      handleDOMEvents: {
        keydown: (view, event) => {
          if (event.key === 'Escape' && !event.isComposing) {
            if (inList(view.state) && tab.release()) event.preventDefault();
            // ProseMirror takes every Escape; the dialog around closes by it.
            return true;
          }
          if (event.key !== 'Tab' && event.key !== 'Shift') tab.reset();
          return false;
        },
        blur: () => tab.reset(),
      },
      dispatchTransaction: (transaction) => {
        const state = this.#view.state.apply(transaction);
        this.#view.updateState(state);
        if (transaction.docChanged) options.onchange(serialise(state.doc));
        options.onactive(activeIn(state));
      },
    });
  }

  get state(): EditorState {
    return this.#view.state;
  }

  run(command: Command): void {
    command(this.#view.state, this.#view.dispatch, this.#view);
  }

  focus(): void {
    this.#view.focus();
  }

  /** Reads the attributes and the placeholder again. */
  refresh(): void {
    this.#view.setProps({});
  }

  destroy(): void {
    this.#view.destroy();
  }
}

/** A pasted address links the selected text, or itself. */
function pasteAddress(view: EditorView, event: ClipboardEvent): boolean {
  const text = event.clipboardData?.getData('text/plain').trim() ?? '';
  const href = /^(https?:\/\/|mailto:)\S+$/i.test(text) ? cleanHref(text) : undefined;
  return href !== undefined && setLink(href, text)(view.state, view.dispatch);
}

function placeholder(text: () => string): Plugin {
  return new Plugin({
    props: {
      decorations: ({ doc }) => {
        const only = doc.firstChild;
        if (doc.childCount !== 1 || !only?.isTextblock || only.content.size > 0) return null;
        return DecorationSet.create(doc, [
          Decoration.node(0, only.nodeSize, { 'data-placeholder': text() }),
        ]);
      },
    },
  });
}
