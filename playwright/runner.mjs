/**
 * Playwright as the tests' project has it. There must be one copy in a process, and it is the one that runs the tests:
 * the command line and the worker processes both start in a file of that copy. A plain import would find another one
 * where Duet is linked from a checkout that has packages of its own (`npm install ../duet`).
 */
import { createRequire } from 'node:module';
import path from 'node:path';

/** @returns {typeof import('@playwright/test')} */
export function requirePlaywright() {
  const starts = [process.argv[1], path.join(process.cwd(), 'package.json'), import.meta.url];
  for (const start of starts) {
    const found = start === undefined ? undefined : resolveFrom(start);
    if (found !== undefined) return createRequire(found)(found);
  }
  throw new Error("duet/playwright needs '@playwright/test'. Install it: npm install --save-dev @playwright/test");
}

/** @type {(start: string) => string | undefined} */
function resolveFrom(start) {
  const { resolve } = createRequire(start.startsWith('file:') ? start : path.resolve(start));
  // A file of Playwright finds 'playwright' everywhere; a project may have only '@playwright/test'.
  for (const name of ['playwright/test', '@playwright/test']) {
    try {
      return resolve(name);
    } catch {
      continue;
    }
  }
  return undefined;
}
