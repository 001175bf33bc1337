import type { Component } from 'svelte';
import audio from '../kinds/audio/Card.svelte';
import file from '../kinds/file/Card.svelte';
import type { KindName } from '../kinds/kind';
import link from '../kinds/link/Card.svelte';
import picture from '../kinds/picture/Card.svelte';
import video from '../kinds/video/Card.svelte';
import type { PartProps } from './shown';

/** The part of a card that shows each kind. */
export const cards: Readonly<Record<KindName, Component<PartProps>>> = {
  picture,
  video,
  audio,
  file,
  link,
};
