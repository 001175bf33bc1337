/** Read by the Vite plugin and svelte-check alike. */
export default {
  compilerOptions: { runes: true },
};
