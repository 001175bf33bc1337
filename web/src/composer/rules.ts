import type { AttachmentDraft, ComposerRules, PostDraft } from '../composer-seam';
import type { KindName } from '../kinds/kind';
import { searchableText } from '../richtext/parse';
import type { Fault, Faults } from './validate';

type Settings = ComposerRules['settings'];
export type Required = 'title' | 'text' | 'picture' | 'alt' | 'section';

/** Characters of a text, as the server counts them against the board's limit. */
export function textLength(html: string): number {
  return [...searchableText(html).trim()].length;
}

export function requires(rules: ComposerRules | undefined, field: Required): boolean {
  return rules?.binding === true && rules.settings.required.includes(field);
}

export function allows(rules: ComposerRules | undefined, kind: KindName): boolean {
  const kinds = rules?.binding ? rules.settings.kinds : [];
  return kinds.length === 0 || kinds.includes(kind);
}

/** The board's own limit for a text; 0 for none. */
export function mostText(rules: ComposerRules | undefined): number {
  return rules?.binding ? rules.settings.maxLength : 0;
}

/** The kind of each attachment, by its id; those that are not told are pictures. */
export type KindOf = (attachment: AttachmentDraft) => KindName;

const plainly: KindOf = ({ type }) => (type === 'link' ? 'link' : 'picture');

/** What the board asks for and the draft lacks. `section` is where the post is, or is to be. */
export function ruleFaults(
  draft: PostDraft,
  section: string,
  rules: ComposerRules | undefined,
  kindOf: KindOf = plainly,
): Faults {
  const faults: Faults = { attachments: {} };
  if (!rules?.binding) return faults;
  const missing: Fault = { kind: 'missing' };
  const over = overBy(draft.body, rules.settings);
  if (requires(rules, 'title') && draft.title === '') faults.title = missing;
  if (requires(rules, 'text') && textLength(draft.body) === 0) faults.body = missing;
  if (over > 0) faults.body = { kind: 'over', over };
  if (requires(rules, 'section') && section === '') faults.section = missing;
  const pictures = draft.attachments.filter((one) => !one.captionsOf && kindOf(one) === 'picture');
  if (requires(rules, 'picture') && pictures.length === 0) faults.picture = missing;
  return { ...faults, attachments: attachmentFaults(draft, rules, kindOf) };
}

function overBy(body: string, { maxLength }: Settings): number {
  return maxLength > 0 ? textLength(body) - maxLength : 0;
}

function attachmentFaults(
  draft: PostDraft,
  rules: ComposerRules,
  kindOf: KindOf,
): Faults['attachments'] {
  const out: Record<string, Faults['attachments'][string]> = {};
  for (const attachment of draft.attachments) {
    const { id, alt } = attachment;
    // Captions are a part of what they are of.
    if (attachment.captionsOf) continue;
    const kind = kindOf(attachment);
    if (!allows(rules, kind)) out[id] = { item: { kind: 'kind' } };
    else if (kind === 'picture' && requires(rules, 'alt') && alt.trim() === '') {
      out[id] = { alt: { kind: 'missing' } };
    }
  }
  return out;
}
