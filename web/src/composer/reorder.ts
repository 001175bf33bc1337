import type { Attachment } from 'svelte/attachments';

/**
 * Moves the items of a list by dragging their grips (`[data-grip]`), mouse or
 * finger: tells, whenever it changes, which item (`[data-attachment]`) goes to
 * which place. The keys have buttons of their own.
 */
export function reorders(onput: (id: string, place: number) => void): Attachment<HTMLElement> {
  return (list) => {
    let held: { id: string; pointer: number } | undefined;
    const rows = () => [...list.querySelectorAll<HTMLElement>('[data-attachment]')];

    const down = (event: PointerEvent) => {
      const grip = (event.target as Element).closest<HTMLElement>('[data-grip]');
      const row = grip?.closest<HTMLElement>('[data-attachment]');
      const id = row?.dataset['attachment'];
      if (!grip || !row || !id || event.button !== 0) return;
      event.preventDefault();
      list.setPointerCapture(event.pointerId);
      held = { id, pointer: event.pointerId };
      row.dataset['held'] = '';
    };
    const move = (event: PointerEvent) => {
      if (event.pointerId !== held?.pointer) return;
      const all = rows();
      const from = all.findIndex((row) => row.dataset['attachment'] === held?.id);
      const middle = (row: HTMLElement | undefined) => {
        const box = row?.getBoundingClientRect();
        return box ? box.top + box.height / 2 : Number.NaN;
      };
      if (event.clientY < middle(all[from - 1])) onput(held.id, from - 1);
      else if (event.clientY > middle(all[from + 1])) onput(held.id, from + 1);
    };
    const up = () => {
      for (const row of rows()) delete row.dataset['held'];
      held = undefined;
    };
    list.addEventListener('pointerdown', down);
    list.addEventListener('pointermove', move);
    list.addEventListener('pointerup', up);
    list.addEventListener('pointercancel', up);
    return () => {
      list.removeEventListener('pointerdown', down);
      list.removeEventListener('pointermove', move);
      list.removeEventListener('pointerup', up);
      list.removeEventListener('pointercancel', up);
    };
  };
}
