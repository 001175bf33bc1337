import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { ChunkingContext } from 'rolldown';
import { defineConfig, loadEnv } from 'vite';
import type { ViteUserConfig } from 'vitest/config';
import { precompress } from './build/precompress.ts';

const test: ViteUserConfig['test'] = {
  environment: 'happy-dom',
  include: ['src/**/*.test.ts'],
  setupFiles: ['src/test-setup.ts'],
  restoreMocks: true,
  // By itself it leaves one of two cores alone, and makes a process for each file.
  pool: 'threads',
  maxWorkers: 2,
};

/** Of Svelte's own, reached through its index alone: only parts that come on demand use it. */
const LATER =
  /svelte\/src\/internal\/client\/dom\/(blocks\/await|elements\/bindings\/(select|size|universal))\.js$/;

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), ...(mode === 'test' ? [svelteTesting()] : []), precompress()],
  resolve: { alias: { $theme: themeFolder(loadEnv(mode, process.cwd(), 'VITE_')['VITE_THEME']) } },
  build: {
    target: 'es2022',
    // public/.gitkeep puts dist/.gitkeep back: the Go package embeds dist, built or not.
    outDir: 'dist',
    // An inlined data: file would need a laxer policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false, resolveDependencies: preloaded },
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: firstPaint }], includeDependenciesRecursively: false },
        // The first paint names every other file: a shorter hash tells those of one name apart as well.
        // Of chunks there must be 7 characters.
        entryFileNames: 'assets/[name]-[hash:7].js',
        chunkFileNames: 'assets/[name]-[hash:7].js',
        assetFileNames: 'assets/[name]-[hash:5][extname]',
      },
      // Svelte's custom elements would come along, unused, for the class they define when loaded.
      treeshake: {
        moduleSideEffects: [
          { test: /svelte.+custom-element\.js$/, sideEffects: false },
          { test: LATER, sideEffects: false },
        ],
      },
    },
  },
  server: {
    proxy: { '/api': { target: process.env['BOARD_URL'] ?? 'http://127.0.0.1:8080' } },
  },
  test,
}));

/**
 * Puts all that the first paint needs in one file: shared pieces would be a
 * file each otherwise, every one a request and a dictionary of its own.
 */
function firstPaint(id: string, context: ChunkingContext): string | null {
  const entry = fileURLToPath(new URL('./src/main.ts', import.meta.url));
  const reached = new Set<string>();
  const walk = (module: string): void => {
    if (reached.has(module)) return;
    reached.add(module);
    for (const next of context.getModuleInfo(module)?.importedIds ?? []) walk(next);
  };
  walk(entry);
  return reached.has(id) && !LATER.test(id) ? 'core' : null;
}

/** Parts that are waited for as soon as the wall is there, or that are large. */
const SOON = /^assets\/(Attachments|Columns|Composer|PostView|PdfReader)/;

/**
 * What is fetched along with a part that comes on demand: its styles, and its
 * own imports where a round trip more would be felt. The first paint carries
 * the names of all of these.
 */
function preloaded(part: string, files: string[]): string[] {
  return SOON.test(part) ? files : files.filter((file) => file.endsWith('.css'));
}

/** The look is a folder of src/themes, chosen when building. */
function themeFolder(name = 'neutral'): string {
  const folder = fileURLToPath(new URL(`./src/themes/${name}`, import.meta.url));
  if (!/^[a-z]+$/.test(name) || !existsSync(folder)) {
    throw new Error(`VITE_THEME=${name}: no such folder in src/themes`);
  }
  return folder;
}
