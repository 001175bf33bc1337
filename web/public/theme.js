// Runs before the first paint, so that nobody sees the other theme flash by.
// A file of its own, for the content security policy forbids inline scripts.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem('fresque.theme');
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    const lang = localStorage.getItem('fresque.lang') || navigator.language;
    root.lang = lang.startsWith('fr') ? 'fr' : 'en';
  } catch {
    // Storage may be refused: the system's theme and the page's language stand.
  }
})();
