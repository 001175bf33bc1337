import { describe, expect, it } from 'vitest';
import { extensionOf, KINDS, kindOfFile, kinds } from '.';

describe('kinds', () => {
  it.each([
    ['image/jpeg', 'photo.jpg', 'picture'],
    ['', 'IMG_1.HEIC', 'picture'],
    ['audio/webm', 'voix.weba', 'audio'],
    ['', 'chant.mp3', 'audio'],
    ['video/quicktime', 'film.MOV', 'video'],
    ['application/pdf', 'bilan.pdf', 'file'],
    ['', 'notes.odt', 'file'],
    ['', 'sans extension', 'file'],
  ])('a file of type %j named %j is a %s', (type, name, kind) => {
    expect(kindOfFile({ type, name })).toBe(kind);
  });

  it('are one in every table', () => {
    expect(Object.keys(kinds).sort()).toEqual([...KINDS].sort());
    for (const kind of KINDS) expect(kinds[kind].name).toBe(kind);
  });

  it.each([
    ['a.tar.gz', 'gz'],
    ['.htaccess', 'htaccess'],
    ['a. b', ''],
    ['plain', ''],
  ])('the extension of %j is %j', (name, extension) => {
    expect(extensionOf(name)).toBe(extension);
  });
});
