import type { FieldProblem } from '../api/problem';
import type { ComposerRules, PostDraft } from '../composer-seam';
import { type KindOf, ruleFaults } from './rules';

/** Characters (Unicode code points) and counts; the server's limits. */
export const LIMITS = { title: 200, body: 20_000, attachments: 10, words: 500 } as const;

/** What is wrong where; a field that is absent is right. */
export interface Faults {
  title?: Fault;
  body?: Fault;
  section?: Fault;
  colour?: Fault;
  /** That there is none, though the board asks for one. */
  picture?: Fault;
  /** Of the whole post or of no field in particular. */
  post?: Fault;
  attachments: Readonly<Record<string, AttachmentFault>>;
}

/**
 * `over` characters beyond the limit (`long`), or beyond the board's own
 * (`over`); nothing written; something that the board asks for; a kind of
 * attachment that it does not take; or the server's own words.
 */
export type Fault =
  | { kind: 'long' | 'over'; over: number }
  | { kind: 'empty' | 'missing' | 'kind' }
  | { kind: 'said'; detail: string };

/** The field of an attachment that is at fault; `item` is the attachment itself. */
export type AttachmentFault = Partial<Record<'item' | 'caption' | 'alt', Fault>>;

/** Checks what can be known before sending. */
export function faultsOf(
  draft: PostDraft,
  section = '',
  rules?: ComposerRules,
  kindOf?: KindOf,
): Faults {
  const asked = ruleFaults(draft, section, rules, kindOf);
  const faults: Faults = {
    ...asked,
    attachments: { ...asked.attachments, ...attachmentFaults(draft) },
  };
  const title = tooLong(draft.title, LIMITS.title);
  const body = tooLong(draft.body, LIMITS.body);
  if (title) faults.title = title;
  if (body) faults.body = body;
  const told = asked.title ?? asked.body ?? asked.picture;
  if (isEmpty(draft) && !told) faults.post = { kind: 'empty' };
  return faults;
}

export function isEmpty({ title, body, attachments }: PostDraft): boolean {
  return title.trim() === '' && body === '' && attachments.length === 0;
}

/** The server's refusals put where the person can act on them. */
export function faultsFrom(errors: readonly FieldProblem[], draft: PostDraft): Faults {
  const faults: Faults = { attachments: {} };
  const attachments: Record<string, AttachmentFault> = {};
  for (const { field, detail, code } of errors) {
    const fault: Fault = { kind: 'said', detail: detail ?? '' };
    const place = /^attachments\[(\d+)\](?:\.(\w+))?$/.exec(field ?? '');
    const attachment = place && draft.attachments[Number(place[1])];
    if (attachment) {
      const name = place[2] === 'caption' || place[2] === 'alt' ? place[2] : 'item';
      // What is wrong with captions is told where they were added.
      const id = attachment.captionsOf ?? attachment.id;
      attachments[id] = { ...attachments[id], [name]: fault };
    } else if (field === 'title' || field === 'body' || field === 'colour') {
      faults[field] = fault;
    } else if (field === 'sectionId') {
      faults.section = fault;
    } else if (code === 'picture_required') {
      faults.picture = fault;
    } else {
      faults.post ??= fault;
    }
  }
  return { ...faults, attachments };
}

export function areNone(faults: Faults): boolean {
  const { attachments, ...others } = faults;
  return !Object.values(others).some(Boolean) && Object.keys(attachments).length === 0;
}

export function length(text: string): number {
  return [...text].length;
}

function attachmentFaults(draft: PostDraft): Record<string, AttachmentFault> {
  const out: Record<string, AttachmentFault> = {};
  for (const { id, caption, alt } of draft.attachments) {
    const long = { caption: tooLong(caption, LIMITS.words), alt: tooLong(alt, LIMITS.words) };
    const fault: AttachmentFault = {
      ...(long.caption ? { caption: long.caption } : {}),
      ...(long.alt ? { alt: long.alt } : {}),
    };
    if (Object.keys(fault).length > 0) out[id] = fault;
  }
  return out;
}

function tooLong(text: string, max: number): Fault | undefined {
  const over = length(text) - max;
  return over > 0 ? { kind: 'long', over } : undefined;
}
