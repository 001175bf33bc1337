import type { Board, Settings, SettingsEdit } from '../api/types';

/** What a trainer changes of a wall: what is left out stays. */
export interface BoardEdit {
  title?: string;
  description?: string;
  language?: Board['language'];
  presenceHidden?: boolean;
  settings?: SettingsEdit;
}

/** The wall as a change will make it. */
export function withEdit(board: Board, { settings, ...edit }: BoardEdit): Board {
  const { background, ...rest } = settings ?? {};
  return {
    ...board,
    ...edit,
    settings: {
      ...board.settings,
      ...(rest as Partial<Settings>),
      ...(background && { background: { colour: '', ...background } }),
    },
  };
}

/** What takes a change back: of all that it changed, what was there before. */
export function reverseOf(board: Board, { settings, ...edit }: BoardEdit): BoardEdit {
  const of = <T extends object>(there: T, changed: object) =>
    Object.fromEntries(
      Object.keys(changed).map((key) => [key, there[key as keyof T] ?? EMPTY[key]]),
    );
  const before: BoardEdit = of({ ...board }, edit);
  return settings ? { ...before, settings: of(board.settings, settings) } : before;
}

/** What a field that a board does not tell has. */
const EMPTY: Readonly<Record<string, unknown>> = {
  description: '',
  presenceHidden: false,
  freezeAt: '',
  openFrom: '',
  openUntil: '',
  words: [],
};

/** Two changes, one after the other, as one. */
export function together(first: BoardEdit, then: BoardEdit): BoardEdit {
  const settings = { ...first.settings, ...then.settings };
  return { ...first, ...then, ...(Object.keys(settings).length > 0 && { settings }) };
}

/** Whether a change may be made over one that it met: it takes nothing back that somebody wrote. */
export function commutes({ title, description }: BoardEdit): boolean {
  return title === undefined && description === undefined;
}
