import { explain } from '../i18n/explain';

/** Says what became of something, where the person is: messages of the page are out of reach under a dialog. */
export type Tell = (text: string, undo?: () => Promise<unknown>) => void;

/** Does something, and says so or why not; `undo` takes it back. */
export async function attempt(
  tell: Tell,
  run: () => Promise<unknown>,
  done: string,
  undo?: () => Promise<unknown>,
): Promise<void> {
  try {
    await run();
    tell(done, undo);
  } catch (error) {
    tell(explain(error));
  }
}
