import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const COMPRESSIBLE = /\.(?:css|html|m?js|json|svg|webmanifest)$/;

const brotli = promisify(brotliCompress);
const deflated = promisify(gzip);

/**
 * Writes `.br` and `.gz` next to each text file of the build, at the best
 * level: the server sends them as they are, so no CPU goes there per request.
 */
export function precompress(): Plugin {
  let dir = '';
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) {
      dir = config.build.outDir;
    },
    async closeBundle() {
      const files = await readdir(dir, { recursive: true });
      await Promise.all(
        files.filter((name) => COMPRESSIBLE.test(name)).map((name) => squeeze(join(dir, name))),
      );
    },
  };
}

async function squeeze(path: string): Promise<void> {
  const plain = await readFile(path);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  await writeFile(`${path}.br`, await brotli(plain, { params: quality }));
  await writeFile(`${path}.gz`, await deflated(plain, { level: constants.Z_BEST_COMPRESSION }));
}
