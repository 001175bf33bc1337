import { expect, it } from 'vitest';
import { shownOf } from '../../attachments/shown';
import { wordsOf } from './captions';

it('reads the words of captions as the server makes them', () => {
  const vtt =
    'WEBVTT\n\n00:01:02.500 --> 00:01:04.000\nUn &lt;b&gt; &amp;lt;\net deux\n\n01:00:00.000 --> 01:00:01.000\nFin\n';
  expect(wordsOf(vtt)).toEqual([
    { at: '01:02', words: 'Un <b> &lt; et deux' },
    { at: '01:00:00', words: 'Fin' },
  ]);
  expect(wordsOf('WEBVTT\n')).toEqual([]);
});

it('shows captions with what they are of, once they are ready', () => {
  const base = { type: 'media' as const, caption: '', alt: '' };
  const attachments = [
    { ...base, id: 'v', mediaId: 'mv' },
    { ...base, id: 'f', mediaId: 'mf', captionsOf: 'v', language: 'fr' },
    { ...base, id: 'e', mediaId: 'me', captionsOf: 'v', language: 'en' },
  ];
  const file = { url: 'https://media.example/f.vtt', size: 1, type: 'text/vtt' };
  const media = (id: string) =>
    ({ id, state: id === 'me' ? 'processing' : 'ready', kind: 'video', file }) as never;
  const [video, ...others] = shownOf(attachments, media);
  expect(others).toEqual([]);
  expect(video?.captions).toEqual([{ id: 'f', language: 'fr', url: file.url }]);
});
