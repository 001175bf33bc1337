import type { Component } from 'svelte';
import type { PartProps } from '../attachments/shown';
import audio from '../kinds/audio/Card.svelte';
import file from '../kinds/file/View.svelte';
import type { KindName } from '../kinds/kind';
import link from '../kinds/link/Card.svelte';
import picture from '../kinds/picture/View.svelte';
import video from '../kinds/video/Card.svelte';

/** The part of the full view that shows each kind: the card's own, where that is as good at any size. */
export const views: Readonly<Record<KindName, Component<PartProps>>> = {
  picture,
  video,
  audio,
  file,
  link,
};
