import { mount } from 'svelte';
import App from './App.svelte';
import { language, preferredLang } from './i18n/index.svelte';
import { takeSecret } from './router/router.svelte';

// Before anything else can fail or look at the address.
const secret = takeSecret();

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
// No top-level await: the chunk of words may import this one, and would wait for it forever.
void language.show(preferredLang()).then(() => mount(App, { target, props: { secret } }));
