import { beforeEach, describe, expect, it } from 'vitest';
import { Consent } from './consent.svelte';
import { followed, Playing, playing as shared } from './playing.svelte';
import { clockOf, readTime, startingAt } from './time';

describe('Consent', () => {
  beforeEach(() => localStorage.clear());

  it('remembers who is let in, and forgets them', () => {
    const consent = new Consent();
    expect(consent.allows('a.example')).toBe(false);
    consent.allow('a.example', 'A');
    consent.allow('b.example', 'B');
    consent.allow('a.example', 'A');
    expect(new Consent().allowed.map(({ name }) => name)).toEqual(['B', 'A']);
    consent.refuse('a.example');
    expect(new Consent().allows('a.example')).toBe(false);
    expect(new Consent().allows('b.example')).toBe(true);
    consent.refuseAll();
    expect(new Consent().allowed).toEqual([]);
  });

  it('follows what another tab takes back', () => {
    const [here, there] = [new Consent(), new Consent()];
    here.allow('a.example', 'A');
    dispatchEvent(new StorageEvent('storage'));
    expect(there.allows('a.example')).toBe(true);
    there.refuse('a.example');
    dispatchEvent(new StorageEvent('storage'));
    expect(here.allows('a.example')).toBe(false);
  });

  it('lets nobody in for what it can’t read', () => {
    localStorage.setItem('fresque.players', '[{"host":1}, "x"]');
    expect(new Consent().allowed).toEqual([]);
  });
});

describe('Playing', () => {
  it('asks the player in front', () => {
    const playing = new Playing();
    const asked: string[] = [];
    expect(playing.seek('a', 5)).toBe(false);
    const inside = document.createElement('dialog').appendChild(document.createElement('p'));
    const view = playing.plays('a', inside, (at) => asked.push(`view ${at}`));
    const card = playing.plays('a', document.body, (at) => asked.push(`card ${at}`));
    expect(playing.seek('a', 5)).toBe(true);
    view();
    playing.seek('a', 6);
    card();
    expect(playing.seek('a', 7)).toBe(false);
    expect(asked).toEqual(['view 5', 'card 6']);
  });

  it('tells where a player is, as long as it is there', () => {
    const playing = new Playing();
    const gone = playing.plays('a', undefined, () => undefined);
    playing.plays('b', undefined, () => undefined);
    playing.tells('a', 12.5);
    playing.tells('b', 3, false);
    expect(playing.at(['a'])).toEqual({ attachmentId: 'a', seconds: 12.5, exact: true });
    expect(playing.at(['a', 'b'])?.attachmentId).toBe('b');
    playing.tells('a', 13);
    expect(playing.at(['a', 'b'])?.seconds).toBe(13);
    gone();
    expect(playing.at(['a'])).toBeUndefined();
  });

  it('follows a sound, and has it go elsewhere', () => {
    const element = document.createElement('audio');
    element.scrollIntoView = () => undefined;
    element.play = () => Promise.reject(new DOMException('not by itself', 'NotAllowedError'));
    const gone = followed('s')(element);
    expect(shared.seek('s', 30)).toBe(true);
    expect(element.currentTime).toBe(30);
    element.dispatchEvent(new Event('timeupdate'));
    expect(shared.at(['s'])).toEqual({ attachmentId: 's', seconds: 30, exact: true });
    gone();
    expect(shared.seek('s', 1)).toBe(false);
  });
});

describe('times', () => {
  it.each([
    [0, '0:00'],
    [90, '1:30'],
    [605, '10:05'],
    [3723, '1:02:03'],
  ])('%d is written %s', (seconds, text) => {
    expect(clockOf(seconds)).toBe(text);
    expect(readTime(text)).toBe(seconds);
  });

  it.each([
    ['', 0],
    ['90', 90],
    [' 1m30s ', 90],
    ['1 h 2 min 3 s', 3723],
    ['2min', 120],
    ['1:2', 62],
    ['abc', undefined],
    ['1:30:', undefined],
    ['-5', undefined],
    ['9999999', undefined],
    ['999:00:00', undefined],
  ])('%s is read as %s', (text, seconds) => {
    expect(readTime(text)).toBe(seconds);
  });

  it.each([
    [
      'https://p.example/video/1-x/?is_iframe=true',
      90,
      'https://p.example/video/1-x/?is_iframe=true&start=90',
    ],
    ['https://youtu.be/dQw4w9WgXcQ?t=42', 90, 'https://youtu.be/dQw4w9WgXcQ?start=90'],
    ['https://youtu.be/dQw4w9WgXcQ?t=42&start=3', 0, 'https://youtu.be/dQw4w9WgXcQ'],
  ])('%s starts at %d', (address, seconds, expected) => {
    expect(startingAt(address, seconds)).toBe(expected);
  });
});
