import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../scripts/setup.mjs';

/** A copy of the production build that shares its files, until one is replaced. */
export interface LinkedBuild {
  readonly folder: string;
  /** Makes another version of it: the page has this mark, and the service worker knows that the page has changed. */
  publish(mark: string): void;
  remove(): void;
}

export function linkBuild(): LinkedBuild {
  const source = path.join(ROOT, 'dist');
  // On the same disk as the build: links do not lead to another one.
  const results = path.join(ROOT, 'test-results');
  mkdirSync(results, { recursive: true });
  const folder = mkdtempSync(path.join(results, 'build-'));
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = path.join(entry.parentPath, entry.name);
    const to = path.join(folder, path.relative(source, from));
    mkdirSync(path.dirname(to), { recursive: true });
    linkSync(from, to);
  }
  const change = (name: string, replace: (text: string) => string): string => {
    const file = path.join(folder, name);
    const text = replace(readFileSync(file, 'utf8'));
    // The link goes, not what it leads to.
    rmSync(file);
    writeFileSync(file, text);
    return text;
  };
  return {
    folder,
    publish(mark) {
      const page = change('index.html', (text) =>
        text.replace('<head>', `<head><meta name="version-of-test" content="${mark}">`),
      );
      const integrity = `sha256-${createHash('sha256').update(page).digest('base64')}`;
      change('service-worker.js', (text) => {
        const changed = text.replace(
          /(url:([`"'])index\.html\2,revision:\2)[0-9a-f]+(\2,integrity:\2)sha256-[\w+/=]+/,
          `$1${mark}$3${integrity}`,
        );
        if (changed === text) throw new Error('The service worker of the build does not list index.html as expected.');
        return changed;
      });
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
