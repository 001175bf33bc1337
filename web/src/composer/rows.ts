import type { Component } from 'svelte';
import file from '../kinds/file/Row.svelte';
import type { UploadKind } from '../kinds/kind';
import played from '../kinds/PlayedRow.svelte';
import picture from '../kinds/picture/Row.svelte';
import type { Attachments } from './attachments.svelte';
import type { Upload } from './upload.svelte';
import type { AttachmentFault } from './validate';

/** What the composer's row of an upload is given. */
export interface RowProps {
  readonly item: Upload;
  readonly attachments: Attachments;
  readonly fault?: AttachmentFault | undefined;
  /** Whether pictures must be described. */
  readonly altRequired: boolean;
  readonly first: boolean;
  readonly last: boolean;
  readonly onmove: (by: -1 | 1) => void;
  readonly onremove: () => void;
  readonly onamend: () => void;
}

/** The composer's row of each kind of upload. */
export const rows: Readonly<Record<UploadKind, Component<RowProps>>> = {
  picture,
  video: played,
  audio: played,
  file,
};
