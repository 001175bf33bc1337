import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { language } from '../i18n/index.svelte';
import { follow } from './around';
import { lookOf } from './look';
import { embedderOf, entryBy } from './ticket';

const SITE = 'https://moodle.example';

describe('embedderOf', () => {
  const frame = (parent: object | undefined, ancestors: string[] | undefined, referrer: string) => {
    const self: Record<string, unknown> = {
      location: { ancestorOrigins: ancestors },
      document: { referrer },
    };
    return Object.assign(self, { self, parent: parent ?? self }) as unknown as Window;
  };

  it.each([
    ['a page of its own', undefined, [], `${SITE}/course`, undefined],
    ['the nearest ancestor', {}, [SITE, 'https://portal.example'], '', SITE],
    ['the referrer, where ancestors are not listed', {}, undefined, `${SITE}/mod/view.php`, SITE],
    ['nobody, where neither is told', {}, undefined, '', undefined],
  ])('is %s', (_, parent, ancestors, referrer, expected) => {
    expect(embedderOf(frame(parent, ancestors, referrer))).toBe(expected);
  });

  it('goes with the ticket, from a frame', () => {
    expect(entryBy('ticket=a.b.c')).toEqual({ ticket: 'a.b.c' });
  });
});

describe('a ticket', () => {
  it('says how its site looks, before it is known what it opens', () => {
    const said = btoa(JSON.stringify({ lng: 'en', thm: 'dark' })).replace(/=/g, '');
    expect(lookOf(`head.${said}.signature`)).toEqual({ language: 'en', theme: 'dark' });
    expect([lookOf('cut'), lookOf('a.b.c')]).toEqual([{}, {}]);
  });
});

describe('the page around', () => {
  const parent = { postMessage: vi.fn() };
  const shown = vi.fn(async () => {});
  const theme = () => document.documentElement.dataset['theme'];
  const hears = (data: unknown, origin = SITE, source: unknown = parent) =>
    window.dispatchEvent(
      Object.defineProperty(new MessageEvent('message', { data, origin }), 'source', {
        value: source,
      }),
    );

  beforeEach(() => {
    vi.stubGlobal('parent', parent);
    vi.spyOn(language, 'show').mockImplementation(shown);
    vi.stubGlobal(
      'ResizeObserver',
      class {
        observe() {}
        disconnect() {}
      },
    );
    delete document.documentElement.dataset['theme'];
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.clearAllMocks();
  });

  it('is told that the wall is there, at its own origin alone', () => {
    follow({ origin: SITE });
    expect(parent.postMessage.mock.calls).toEqual([[{ fresque: 1, type: 'ready' }, SITE]]);
  });

  it('is told the height again when it speaks, since it may not have listened before', () => {
    let resized = () => {};
    vi.stubGlobal(
      'ResizeObserver',
      class {
        constructor(callback: () => void) {
          resized = callback;
        }
        observe() {}
        disconnect() {}
      },
    );
    const app = document.body.appendChild(document.createElement('div'));
    app.id = 'app';
    vi.spyOn(app, 'getBoundingClientRect').mockReturnValue({ height: 700.2 } as DOMRect);
    follow({ origin: SITE });
    const told = () =>
      parent.postMessage.mock.calls.filter(([message]) => message.type === 'height');
    hears({ fresque: 1, type: 'settings' });
    expect(told()).toEqual([]);
    resized();
    resized();
    expect(told()).toEqual([[{ fresque: 1, type: 'height', height: 701 }, SITE]]);
    hears({ fresque: 1, type: 'settings' });
    expect(told()).toHaveLength(2);
    app.remove();
  });

  it('is told nothing by a page of its own', () => {
    follow({ language: 'en', theme: 'dark' });
    expect(parent.postMessage).not.toHaveBeenCalled();
    expect([theme(), shown.mock.lastCall]).toEqual(['dark', ['en']]);
  });

  it.each([
    ['light', 'light'],
    ['neutral-dark', 'dark'],
    ['auto', undefined],
    ['dsfr', 'light'],
    [7, 'light'],
  ])('says the theme %s', (said, expected) => {
    follow({ origin: SITE, theme: 'light' });
    hears({ fresque: 1, type: 'settings', theme: said });
    expect(theme()).toBe(expected);
  });

  it.each([
    ['another origin', { fresque: 1, type: 'settings', theme: 'dark' }, 'https://evil.example'],
    ['another version', { fresque: 2, type: 'settings', theme: 'dark' }, SITE],
    ['something else', { fresque: 1, type: 'height', theme: 'dark' }, SITE],
    ['nothing', null, SITE],
  ])('is not heard when it is, or says, %s', (_, data, origin) => {
    follow({ origin: SITE, theme: 'light' });
    hears(data, origin);
    expect(theme()).toBe('light');
  });

  it('is not heard through another window of the same origin', () => {
    follow({ origin: SITE, theme: 'light' });
    hears({ fresque: 1, type: 'settings', theme: 'dark' }, SITE, window);
    expect(theme()).toBe('light');
  });

  it('is followed once: a later site takes the place of the former', () => {
    follow({ origin: SITE, theme: 'light' });
    follow({ origin: 'https://other.example', theme: 'light' });
    hears({ fresque: 1, type: 'settings', theme: 'dark' });
    expect(theme()).toBe('light');
  });
});
