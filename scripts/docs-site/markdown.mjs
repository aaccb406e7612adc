/** Markdown to HTML: headings with anchors, links between documents, tables and code that can be scrolled by keyboard. */
import GithubSlugger from 'github-slugger';
import MarkdownIt from 'markdown-it';

/**
 * @typedef {{ level: number, id: string, text: string }} Heading
 *
 * @typedef {{ href: string } | { repositoryFile: string }} Target  a file that is not part of the site has no address
 *
 * @typedef {object} Links
 * @property {(href: string) => Target} link
 * @property {(src: string) => { src: string, width: number, height: number }} picture
 */

const markdown = new MarkdownIt({ html: true });

export const { escapeHtml } = markdown.utils;

/** @typedef {ReturnType<typeof markdown.parse>[number]} Token */

/** @type {(token: Token | undefined, name: string) => string} */
const attribute = (token, name) => String(token?.attrGet(name) ?? '');

/** @type {(token: Token | undefined) => string} */
const plainText = (token) =>
  (token?.children ?? [])
    .filter(({ type }) => type === 'text' || type === 'code_inline')
    .map(({ content }) => content)
    .join('');

/** Anchors as GitHub makes them. @type {(tokens: readonly Token[]) => Heading[]} */
function nameHeadings(tokens) {
  const slugger = new GithubSlugger();
  /** @type {Heading[]} */
  const headings = [];
  for (const [i, token] of tokens.entries()) {
    if (token.type !== 'heading_open') continue;
    const text = plainText(tokens[i + 1]);
    const heading = { level: Number(token.tag.slice(1)), id: slugger.slug(text), text };
    token.attrSet('id', heading.id);
    headings.push(heading);
  }
  return headings;
}

/** All links and pictures of a document, as they are written. @type {(source: string) => { links: string[], pictures: string[] }} */
export function referencesOf(source) {
  /** @type {string[]} */
  const links = [];
  /** @type {string[]} */
  const pictures = [];
  for (const token of markdown.parse(source, {})) {
    for (const child of token.children ?? []) {
      if (child.type === 'link_open') links.push(attribute(child, 'href'));
      if (child.type === 'image') pictures.push(attribute(child, 'src'));
    }
    if (token.type === 'html_block')
      pictures.push(...[...token.content.matchAll(/<img[^>]*\ssrc="([^"]*)"/g)].map(([, src = '']) => src));
  }
  return { links, pictures };
}

/** @typedef {{ language: string | null, text: string }} Code  `language`: null of a span, '' where a block names none */

/** @type {(token: Token) => Code[]} */
function codeIn({ type, info, content, children }) {
  if (type === 'fence') return [{ language: info.trim(), text: content }];
  if (type === 'code_block') return [{ language: '', text: content }];
  const spans = (children ?? []).filter((child) => child.type === 'code_inline');
  return spans.map((span) => ({ language: null, text: span.content }));
}

/** Code spans and code blocks. @type {(source: string) => Code[]} */
export const codeOf = (source) => markdown.parse(source, {}).flatMap(codeIn);

/** @type {(source: string) => Heading[]} */
export const headingsOf = (source) => nameHeadings(markdown.parse(source, {}));

/** @type {(tokens: readonly Token[], open: number) => string} */
function textOfLink(tokens, open) {
  const rest = tokens.slice(open + 1);
  const inside = rest.slice(
    0,
    rest.findIndex(({ type }) => type === 'link_close'),
  );
  return inside.map(({ content }) => content).join('');
}

/** @type {(src: string, alt: string, links: Links) => string} */
function pictureHtml(src, alt, links) {
  const { src: address, width, height } = links.picture(src);
  const size = `width="${width}" height="${height}"`;
  return `<a class="picture" href="${address}"><img src="${address}" alt="${escapeHtml(alt)}" ${size} loading="lazy" /></a>`;
}

/** @type {(links: Links) => InstanceType<typeof MarkdownIt>['renderer']['rules']} */
function rulesFor(links) {
  /** Of the links that are open. @type {string[]} */
  const closing = [];
  let section = '';
  return {
    link_open(tokens, i) {
      const target = links.link(attribute(tokens[i], 'href'));
      if ('repositoryFile' in target) {
        const { repositoryFile } = target;
        // Nothing to click, and a title is not read on paper or a phone: the path stands there.
        const path = textOfLink(tokens, i) === repositoryFile ? '' : ` (<code>${escapeHtml(repositoryFile)}</code>)`;
        closing.push(`${path}</span>`);
        return `<span class="in-repository" title="In the repository">`;
      }
      closing.push('</a>');
      return `<a href="${escapeHtml(target.href)}">`;
    },
    link_close: () => closing.pop() ?? '',
    image: (tokens, i) => pictureHtml(attribute(tokens[i], 'src'), tokens[i]?.content ?? '', links),
    html_block: (tokens, i) =>
      (tokens[i]?.content ?? '').replaceAll(
        /<img[^>]*\ssrc="(?<src>[^"]*)"[^>]*\salt="(?<alt>[^"]*)"[^>]*>/g,
        (_, src, alt) => pictureHtml(src, alt, links),
      ),
    heading_open(tokens, i, options, _env, renderer) {
      section = plainText(tokens[i + 1]);
      return renderer.renderToken(tokens, i, options);
    },
    heading_close(tokens, i) {
      const open = tokens[i - 2];
      const id = attribute(open, 'id');
      const anchor =
        open?.tag === 'h1'
          ? ''
          : ` <a class="anchor" href="#${id}" aria-label="Link to ${escapeHtml(plainText(tokens[i - 1]))}">#</a>`;
      return `${anchor}</${open?.tag}>\n`;
    },
    // Wider than a phone, they scroll by themselves; the focus lets the keyboard do it.
    table_open: () =>
      `<div class="table" role="group" aria-label="Table: ${escapeHtml(section)}" tabindex="0"><table>\n`,
    table_close: () => '</table></div>\n',
    fence: (tokens, i) => `<pre tabindex="0"><code>${escapeHtml(tokens[i]?.content ?? '')}</code></pre>\n`,
    code_block: (tokens, i) => `<pre tabindex="0"><code>${escapeHtml(tokens[i]?.content ?? '')}</code></pre>\n`,
  };
}

/**
 * @param {string} source  Markdown of this repository: what is HTML in it is trusted
 * @param {Links} links
 * @returns {{ html: string, headings: Heading[] }}
 */
export function renderMarkdown(source, links) {
  const renderer = new MarkdownIt({ html: true });
  Object.assign(renderer.renderer.rules, rulesFor(links));
  const tokens = renderer.parse(source, {});
  const headings = nameHeadings(tokens);
  return { html: renderer.renderer.render(tokens, renderer.options, {}), headings };
}
