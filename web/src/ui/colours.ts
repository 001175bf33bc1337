/** The named colours of posts, sections and walls: the theme has what each looks like, colours.json what it is called. */
export const COLOURS = [
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

/** What one may choose; the empty one is plain. */
export const CHOICES = ['', ...COLOURS] as const;
