/** Which documents there are, and how the navigation groups them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup.mjs';

/**
 * @typedef {object} Document
 * @property {string} file  from the repository root, with `/`
 * @property {string} page  below the folder of the site, with `/`
 * @property {string} title  its first heading, without marks
 * @property {string} source  Markdown
 *
 * @typedef {{ name: string, documents: readonly Document[], isLong: boolean }} Group  `isLong`: folded, unless it has the page
 */

/** Order of the navigation. A document that is not named stands in the last group; a name without a file is left out. */
const GROUPS = [
  { name: 'Start', files: ['docs/index.md', 'README.md'] },
  {
    name: 'Use it',
    files: [
      'docs/guide-thinking.md',
      'docs/guide-negotiation.md',
      'docs/guide-chat.md',
      'docs/models.md',
      'docs/gallery.md',
      'docs/sharing.md',
      'docs/troubleshooting.md',
    ],
  },
  {
    name: 'Teach with it',
    files: ['docs/workshop.md', 'docs/lessons.md', 'docs/handout.md', 'docs/presenting.md', 'docs/offline-and-lan.md'],
  },
  { name: 'Research', files: ['docs/methods.md', 'docs/experiments.md'] },
  {
    name: 'Engineering',
    files: [
      'docs/automation.md',
      'docs/scenarios.md',
      'docs/playwright.md',
      'docs/ARCHITECTURE.md',
      'docs/CONTRIBUTING.md',
    ],
  },
];

/** Folders whose documents are a group each. */
const FOLDERS = [
  { name: 'Reference', folder: 'docs/reference', isLong: false },
  { name: 'Mathematics', folder: 'docs/maths', isLong: true },
  { name: 'Decisions', folder: 'docs/decisions', isLong: true },
];

/** @type {(folder: string) => string[]} */
function markdownBelow(folder) {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return markdownBelow(name);
      return entry.name.endsWith('.md') ? [name] : [];
    })
    .toSorted();
}

/** @type {(file: string) => Document} */
function readDocument(file) {
  const source = readFileSync(path.join(ROOT, file), 'utf8');
  const [, heading = file] = /^# (.+)$/m.exec(source) ?? [];
  const page = file === 'README.md' ? 'readme.html' : file.slice('docs/'.length).replace(/\.md$/, '.html');
  return { file, page, title: heading.replaceAll(/[`*]/g, ''), source };
}

/** The readme and everything below `docs/`. @returns {Document[]} */
export function readDocuments() {
  return ['README.md', ...markdownBelow('docs')].map(readDocument);
}

/** @type {(documents: readonly Document[]) => Group[]} */
export function groupDocuments(documents) {
  const byFile = new Map(documents.map((document) => [document.file, document]));
  const groups = GROUPS.map(({ name, files }) => ({
    name,
    documents: files.flatMap((file) => byFile.get(file) ?? []),
    isLong: false,
  }));
  const folders = FOLDERS.map(({ name, folder, isLong }) => ({
    name,
    documents: documents.filter(({ file }) => file.startsWith(`${folder}/`)),
    isLong,
  }));
  const named = new Set([...groups, ...folders].flatMap((group) => group.documents));
  groups.at(-1)?.documents.push(...documents.filter((document) => !named.has(document)));
  return [...groups, ...folders].filter((group) => group.documents.length > 0);
}

/** A folder that documents link to as a whole has a page with the list of its documents. */
export const LISTED_FOLDERS = FOLDERS.map(({ name, folder }) => ({
  name,
  folder,
  page: `${folder.slice('docs/'.length)}/index.html`,
})).filter(({ folder }) => existsSync(path.join(ROOT, folder)));
