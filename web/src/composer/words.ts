import type { ApiProblem } from '../api/problem';
import type { UploadProblem } from '../composer-seam';
import { keeps } from '../device/keeps';
import { language, type MessageKey, t } from '../i18n/index.svelte';
import { readableSize } from '../i18n/sizes';
import type { Refusal } from './files';
import type { Upload } from './upload.svelte';
import type { Fault } from './validate';

/** What to say of a code; what the server says itself comes after these, and before the general words. */
const MEDIA: Readonly<Record<string, MessageKey>> = {
  network: 'composer.media_network',
  ticket_expired: 'composer.media_expired',
  session_expired: 'composer.fault_session',
  session_missing: 'composer.fault_session',
  forbidden: 'composer.media_forbidden',
  upload_forbidden: 'composer.media_forbidden',
  busy: 'composer.media_busy',
};

const POST: Readonly<Record<string, MessageKey>> = {
  network: 'composer.fault_network',
  session_expired: 'composer.fault_session',
  session_missing: 'composer.fault_session',
  forbidden: 'composer.fault_forbidden',
};

export function wordsOfUpload({ code, detail }: UploadProblem): string {
  const key = MEDIA[code];
  return key ? sayOf(key) : detail || t('composer.media_unknown');
}

export function wordsOfFile({ name, fault, most = 0 }: Refusal, max: number): string {
  return t(`composer.${fault}`, { name, max, size: readableSize(most, language.lang) });
}

/** Why the post was not taken, where no field says so. */
export function wordsOfPost(problem: ApiProblem, editing: boolean): string {
  if (editing && (problem.status === 404 || problem.code === 'revision_conflict')) {
    return t('composer.gone');
  }
  const key = POST[problem.code] ?? (problem.status === 429 ? 'composer.fault_busy' : undefined);
  return key ? sayOf(key) : problem.detail || t('composer.fault_unknown');
}

/** A draft that is not kept does not outlive the page that is to be loaded again. */
function sayOf(key: MessageKey): string {
  return t(key === 'composer.fault_session' && !keeps() ? 'composer.fault_session_alone' : key);
}

export function wordsOfTitle(fault: Fault | undefined): string | undefined {
  if (fault?.kind === 'missing') return t('composer.title_missing');
  return words(fault, (count) => t('composer.title_too_long', { count }));
}

export function wordsOfText(fault: Fault | undefined): string | undefined {
  if (fault?.kind === 'missing') return t('composer.text_missing');
  if (fault?.kind === 'over') return t('composer.text_over', { count: fault.over });
  return words(fault, () => t('composer.text_too_long'));
}

export function wordsOfSection(fault: Fault | undefined): string | undefined {
  if (fault?.kind === 'missing') return t('composer.section_missing');
  return words(fault, () => '');
}

export function wordsOfPicture(fault: Fault | undefined): string | undefined {
  if (fault?.kind === 'missing') return t('composer.picture_missing_here');
  return words(fault, () => '');
}

export function wordsOfField(fault: Fault | undefined): string | undefined {
  if (fault?.kind === 'missing') return t('composer.alt_missing');
  return words(fault, (count) => t('composer.too_long_by', { count }));
}

/** An upload is spoken of by the name of its file, where it is known. */
export function nameOf(upload: Upload): string {
  return upload.name || t('composer.file');
}

function words(fault: Fault | undefined, long: (over: number) => string): string | undefined {
  switch (fault?.kind) {
    case 'long':
      return long(fault.over);
    case 'said':
      return fault.detail;
    case 'empty':
      return t('composer.post_empty');
    case 'kind':
      return t('composer.kind_refused');
    default:
      return undefined;
  }
}
