import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Router, routeOf, takeSecret } from './router.svelte';
import { readWallLink } from './wall-link';

const BOARD = '0198c7a2-0000-7000-8000-000000000999';

describe('routeOf', () => {
  it.each([
    ['/', { page: 'home' }],
    [`/w/${BOARD}`, { page: 'wall', board: BOARD }],
    [`/w/${BOARD.toUpperCase()}/`, { page: 'wall', board: BOARD }],
    ['/w/', { page: 'missing' }],
    ['/w/not-an-id', { page: 'missing' }],
    ['/elsewhere', { page: 'missing' }],
  ])('%s', (path, route) => {
    expect(routeOf(path)).toEqual(route);
  });
});

describe('readWallLink', () => {
  it.each([
    [`https://fresque.example.org/w/${BOARD}#s3cret`, { board: BOARD, secret: 's3cret' }],
    [`  /w/${BOARD}#s3cret\n`, { board: BOARD, secret: 's3cret' }],
    [`https://fresque.example.org/w/${BOARD}`, { board: BOARD, secret: undefined }],
    ['https://example.org/', undefined],
    ['not a link', undefined],
    ['', undefined],
  ])('%j', (text, link) => {
    expect(readWallLink(text)).toEqual(link);
  });
});

describe('the link’s secret', () => {
  let listening: AbortController;

  beforeEach(() => {
    listening = new AbortController();
    history.replaceState(null, '', '/');
  });

  afterEach(() => listening.abort());

  it('leaves the address at once', () => {
    history.replaceState(null, '', `/w/${BOARD}?lang=fr#s3cret`);
    expect(takeSecret()).toBe('s3cret');
    expect(location.href).toMatch(new RegExp(`/w/${BOARD}\\?lang=fr$`));
    expect(takeSecret()).toBeUndefined();
  });

  it('is no business of the other pages', () => {
    history.replaceState(null, '', '/#main');
    expect(takeSecret()).toBeUndefined();
  });

  it('never enters the address when a link is opened in the app', () => {
    const router = new Router(undefined);
    router.go(`/w/${BOARD}`, 's3cret');
    expect(router.secret).toBe('s3cret');
    expect(router.route).toEqual({ page: 'wall', board: BOARD });
    expect(location.href).not.toContain('s3cret');
  });

  it('opens the wall again when another link to it is pasted in the address bar', () => {
    history.replaceState(null, '', `/w/${BOARD}`);
    const router = new Router('first');
    router.listen(listening.signal);
    const { visit } = router;
    history.replaceState(null, '', `/w/${BOARD}#second`);
    window.dispatchEvent(new Event('hashchange'));
    expect(router.secret).toBe('second');
    expect(router.visit).toBe(visit + 1);
    expect(location.hash).toBe('');
  });

  it('is forgotten when the person goes elsewhere', () => {
    const router = new Router('first');
    router.go('/');
    expect(router.secret).toBeUndefined();
  });
});

describe('links of the app', () => {
  it('are followed without loading the page again; others are left to the browser', () => {
    const listening = new AbortController();
    history.replaceState(null, '', '/');
    const router = new Router(undefined);
    router.listen(listening.signal);
    document.body.innerHTML = `<a id="in" href="/w/${BOARD}">in</a><a id="new" target="_blank" href="/">new</a>`;
    let followed = false;
    // After the router's own listener; the test's browser must go nowhere.
    const watch = (event: Event) => {
      followed = event.defaultPrevented;
      event.preventDefault();
    };
    document.addEventListener('click', watch, { signal: listening.signal });
    const click = (id: string, init: MouseEventInit = {}) => {
      const event = new MouseEvent('click', { bubbles: true, cancelable: true, ...init });
      document.getElementById(id)?.dispatchEvent(event);
      return followed;
    };
    expect(click('new')).toBe(false);
    expect(click('in', { ctrlKey: true })).toBe(false);
    expect(click('in')).toBe(true);
    expect(router.route.page).toBe('wall');
    listening.abort();
  });
});

describe('a post of the wall', () => {
  const POST = '0198c7a2-0000-7000-8000-000000000001';
  let listening: AbortController;
  let router: Router;

  beforeEach(() => {
    listening = new AbortController();
    history.replaceState(null, '', `/w/${BOARD}`);
    router = new Router('s3cret');
    router.listen(listening.signal);
  });

  afterEach(() => listening.abort());

  it('opens at an address of its own, over a wall that stays as it is', () => {
    const { visit } = router;
    router.turn(`?post=${POST}&at=2`);
    expect(router.post).toEqual({ id: POST, at: '2' });
    expect(location.search).toBe(`?post=${POST}&at=2`);
    expect(router.visit).toBe(visit);
    expect(router.secret).toBe('s3cret');
  });

  it('closes to the wall it was opened from, and by the browser’s own moves', () => {
    router.turn(`?post=${POST}`);
    const back = vi.spyOn(history, 'back').mockImplementation(() => {
      history.replaceState(null, '', `/w/${BOARD}`);
      window.dispatchEvent(new PopStateEvent('popstate'));
    });
    router.close();
    expect(back).toHaveBeenCalledOnce();
    expect(router.post).toBeUndefined();
  });

  it('closes in place when a link led straight to it', () => {
    history.replaceState(null, '', `/w/${BOARD}?post=${POST}`);
    const back = vi.spyOn(history, 'back');
    router = new Router(undefined);
    expect(router.post).toEqual({ id: POST, at: undefined });
    router.close();
    expect(back).not.toHaveBeenCalled();
    expect(router.post).toBeUndefined();
    expect(location.search).toBe('');
  });
});
