import { extname } from 'node:path';
import { MEDIA_TYPES } from '../serve.mjs';

/** @returns {Promise<import('./build-site.mjs').SiteFile[]>} */
async function siteFiles() {
  // Not before it is needed: the tests' configuration is this one too.
  const { buildSite } = await import('./build-site.mjs');
  return buildSite();
}

/**
 * Puts the documents beside the page, below `docs/`: into a build, and made anew for each request of the development
 * server.
 *
 * @returns {import('vite').Plugin}
 */
export function docsSite() {
  return {
    name: 'duet-docs-site',
    async generateBundle() {
      for (const { path, content } of await siteFiles())
        this.emitFile({ type: 'asset', fileName: `docs/${path}`, source: content });
    },
    configureServer(server) {
      server.middlewares.use('/docs/', (request, response, next) => {
        const [asked = ''] = (request.url ?? '/').slice(1).split(/[?#]/, 1);
        siteFiles().then((files) => {
          const found = files.find(({ path }) => path === (asked === '' ? 'index.html' : asked));
          if (found === undefined) return next();
          response.setHeader('Content-Type', MEDIA_TYPES[extname(found.path)] ?? 'application/octet-stream');
          response.end(found.content);
        }, next);
      });
    },
  };
}
