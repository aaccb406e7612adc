/**
 * What is made from the code, such as the documents below docs/reference: npm run docs:reference. Each module of
 * scripts/reference makes some of it.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createServer } from 'vite';
import { ROOT } from './setup.mjs';

/** @typedef {{ file: string, text: string }} Made  file: from the repository root */

const folder = path.join(ROOT, 'scripts/reference');
const server = await createServer({
  configFile: path.join(ROOT, 'vite.config.ts'),
  server: { middlewareMode: true, ws: false },
  appType: 'custom',
  logLevel: 'error',
});
try {
  for (const name of (await readdir(folder)).toSorted()) {
    /** @type {{ make: (load: (module: string) => Promise<any>) => Promise<Made[]> }} */
    const { make } = await import(pathToFileURL(path.join(folder, name)).href);
    for (const { file, text } of await make((module) => server.ssrLoadModule(`/${module}`))) {
      await mkdir(path.dirname(path.join(ROOT, file)), { recursive: true });
      await writeFile(path.join(ROOT, file), text);
      console.log(file);
    }
  }
} finally {
  await server.close();
}
