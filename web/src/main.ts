import { mount } from 'svelte';
import App from './App.svelte';
import { language, preferredLang } from './i18n/index.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
await language.show(preferredLang());
mount(App, { target });
