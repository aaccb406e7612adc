/**
 * The documents below docs/reference, made from the code: npm run docs:reference. Each module of scripts/reference makes
 * one of them.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createServer } from 'vite';
import { ROOT } from './setup.mjs';

const folder = path.join(ROOT, 'scripts/reference');
const server = await createServer({
  configFile: path.join(ROOT, 'vite.config.ts'),
  server: { middlewareMode: true, ws: false },
  appType: 'custom',
  logLevel: 'error',
});
try {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.mjs')) continue;
    /** @type {{ file: string, render: (load: (module: string) => Promise<any>) => Promise<string> }} */
    const { file, render } = await import(path.join(folder, name));
    const text = await render((module) => server.ssrLoadModule(`/${module}`));
    await mkdir(path.dirname(path.join(ROOT, file)), { recursive: true });
    await writeFile(path.join(ROOT, file), text);
    console.log(file);
  }
} finally {
  await server.close();
}
