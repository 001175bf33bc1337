/** The named colours; colours.css has what each looks like. Empty is plain. */
export const COLOURS = [
  '',
  'red',
  'orange',
  'yellow',
  'green',
  'teal',
  'blue',
  'purple',
  'pink',
  'grey',
] as const;
export type Colour = (typeof COLOURS)[number];
