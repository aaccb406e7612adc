/** The documents as a site: one page for each, with navigation, in the colours of the page itself. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup.mjs';
import { groupDocuments, LISTED_FOLDERS, readDocuments } from './documents.mjs';
import { escapeHtml, renderMarkdown } from './markdown.mjs';

/**
 * @typedef {import('./documents.mjs').Document} Document
 * @typedef {import('./documents.mjs').Group} Group
 * @typedef {import('./markdown.mjs').Heading} Heading
 * @typedef {{ path: string, content: string | Buffer }} SiteFile  path below the folder of the site
 */

/** @type {(page: string, target: string) => string} */
const relative = (page, target) => path.posix.relative(path.posix.dirname(page), target) || '.';

/** Width and height of a PNG, pixels. @type {(bytes: Buffer) => { width: number, height: number }} */
const pngSize = (bytes) => ({ width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) });

/** Where a link of a document leads. @type {(document: Document, href: string, documents: readonly Document[]) => import('./markdown.mjs').Target} */
function targetOf({ file, page }, href, documents) {
  if (/^(?:[a-z]+:|#)/i.test(href)) return { href };
  const [name = '', anchor] = href.split('#', 2);
  const repositoryFile = path.posix.join(path.posix.dirname(file), decodeURI(name)).replace(/\/$/, '');
  const target =
    documents.find((document) => document.file === repositoryFile) ??
    LISTED_FOLDERS.find(({ folder }) => folder === repositoryFile);
  if (target === undefined) return { repositoryFile };
  return { href: `${relative(page, target.page)}${anchor === undefined ? '' : `#${anchor}`}` };
}

/** @type {(page: string, groups: readonly Group[]) => string} */
function navigation(page, groups) {
  return groups
    .map(({ name, documents, isLong }) => {
      const items = documents.map((document) => {
        const current = document.page === page ? ' aria-current="page"' : '';
        return `<li><a href="${relative(page, document.page)}"${current}>${escapeHtml(document.title)}</a></li>`;
      });
      const list = `<ul>${items.join('')}</ul>`;
      if (!isLong) return `<h2>${name}</h2>${list}`;
      const isOpen = documents.some((document) => document.page === page);
      return `<details${isOpen ? ' open' : ''}><summary>${name}</summary>${list}</details>`;
    })
    .join('\n');
}

/** @type {(headings: readonly Heading[]) => string} */
function contents(headings) {
  const inner = headings.filter(({ level }) => level === 2 || level === 3);
  if (inner.length < 2) return '';
  const items = inner.map(
    ({ level, id, text }) => `<li data-level="${level}"><a href="#${id}">${escapeHtml(text)}</a></li>`,
  );
  return `<nav class="contents" aria-label="On this page"><details><summary>On this page</summary><ul>${items.join('')}</ul></details></nav>`;
}

const LOGO = `<svg viewBox="0 0 20 14" width="22" height="15" aria-hidden="true"><rect x="0" y="1" width="20" height="4.5" rx="2.25" fill="var(--actor-thinker)"/><rect x="8" y="8.5" width="12" height="4.5" rx="2.25" fill="var(--actor-writer)"/><circle cx="3" cy="10.75" r="2.25" fill="var(--actor-user)"/></svg>`;

/** @type {(parts: { page: string, title: string, html: string, headings: readonly Heading[], groups: readonly Group[] }) => string} */
function pageHtml({ page, title, html, headings, groups }) {
  const top = relative(page, '../index.html').replace(/index\.html$/, '');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${escapeHtml(title)} · Duet</title>
<link rel="icon" type="image/svg+xml" href="${top}favicon.svg" />
<link rel="stylesheet" href="${relative(page, 'docs.css')}" />
<script src="${relative(page, 'look.js')}"></script>
</head>
<body data-page="${page.replace(/\.html$/, '')}">
<a class="skip" href="#content">To the text</a>
<header class="top">
<a class="top__brand" href="${top}">${LOGO}Duet</a>
<a href="${relative(page, 'index.html')}">Documents</a>
<a class="top__all" href="#all-documents">All documents</a>
</header>
<div class="page">
<main id="content" tabindex="-1">
${contents(headings)}
<article>
${html}</article>
</main>
<nav class="documents" id="all-documents" aria-label="Documents" tabindex="-1">
${navigation(page, groups)}
</nav>
</div>
</body>
</html>
`;
}

/**
 * The colours of the page, once more for a system that is set to dark, where no choice was made on the page.
 *
 * @type {(tokens: string) => string}
 */
function colours(tokens) {
  const dark = /\[data-mantine-color-scheme='dark'\] \{([^}]*)\}/.exec(tokens)?.[1];
  if (dark === undefined) throw new Error('src/ui/tokens.css has no dark colours.');
  return `${tokens}\n@media screen and (prefers-color-scheme: dark) {\n  :root:not([data-mantine-color-scheme]) {${dark}}\n}\n`;
}

/** @type {(file: string) => string} */
const read = (file) => readFileSync(path.join(ROOT, file), 'utf8');

const STYLES = ['scripts/docs-site/docs.css', 'scripts/docs-site/docs-print.css'];

/** Every file of the site; pictures once each. @returns {SiteFile[]} */
export function buildSite() {
  const documents = readDocuments();
  const groups = groupDocuments(documents);
  /** By path below the site. @type {Map<string, Buffer>} */
  const pictures = new Map();
  const pages = documents.map((document) => {
    const { html, headings } = renderMarkdown(document.source, {
      link: (href) => targetOf(document, href, documents),
      picture(src) {
        const file = path.posix.join(path.posix.dirname(document.file), src);
        const place = file.replace(/^docs\//, '');
        const bytes = pictures.get(place) ?? readFileSync(path.join(ROOT, file));
        pictures.set(place, bytes);
        return { src: relative(document.page, place), ...pngSize(bytes) };
      },
    });
    const { page, title } = document;
    return { path: page, content: pageHtml({ page, title, html, headings, groups }) };
  });
  const lists = LISTED_FOLDERS.map(({ name, folder, page }) => {
    const items = documents
      .filter(({ file }) => file.startsWith(`${folder}/`))
      .map((document) => `<li><a href="${relative(page, document.page)}">${escapeHtml(document.title)}</a></li>`);
    const html = `<h1>${name}</h1>\n<ul>${items.join('\n')}</ul>\n`;
    return { path: page, content: pageHtml({ page, title: name, html, headings: [], groups }) };
  });
  return [
    ...pages,
    ...lists,
    { path: 'docs.css', content: [colours(read('src/ui/tokens.css')), ...STYLES.map(read)].join('\n') },
    { path: 'look.js', content: read('scripts/docs-site/look.js') },
    ...[...pictures].map(([place, content]) => ({ path: place, content })),
  ];
}
