/**
 * What the package has beside its sources: the types of `window.duet` for other projects (`npm run build:types`) and,
 * with --page, the built page. `npm pack` makes both.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBuilt, ROOT, runTool } from './setup.mjs';

const TYPES = path.join(ROOT, 'playwright', 'types');
const LIMIT_MS = 5 * 60_000;

/**
 * Declarations import each other as sources do; outside of this repository '@/' means nothing, and there are no sources.
 *
 * @param {string} text  of a declaration file
 * @param {string} upwards  from its folder to that of all types, such as '../'
 * @returns {string}
 */
export function withOwnImports(text, upwards) {
  return text.replace(
    /(from |import |import\()(['"])(@\/|\.{1,2}\/)([^'"]+)\.tsx?\2/g,
    (_, keyword, quote, start, name) => `${keyword}${quote}${start === '@/' ? upwards : start}${name}.js${quote}`,
  );
}

async function makeTypes() {
  rmSync(TYPES, { recursive: true, force: true });
  await runTool('tsc', ['--project', 'playwright/tsconfig.types.json'], { limitMs: LIMIT_MS });
  if (!existsSync(TYPES)) throw new Error('The types could not be made.');
  for (const name of readdirSync(TYPES, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = path.join(TYPES, name);
    const depth = name.split(path.sep).length - 1;
    const text = withOwnImports(readFileSync(file, 'utf8'), depth === 0 ? './' : '../'.repeat(depth));
    if (/['"]@\//.test(text)) throw new Error(`${name} still imports from '@/', which means nothing elsewhere.`);
    writeFileSync(file, text);
  }
}

async function main() {
  await makeTypes();
  if (process.argv.includes('--page')) await ensureBuilt('production');
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) await main();
