/**
 * Draws the icons of the installed page, public/icons/, from public/favicon.svg with the installed Chromium.
 * Run after the picture has changed: node scripts/make-icons.mjs
 */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright';
import { browserLaunchOptions } from './browser.mjs';
import { ROOT } from './setup.mjs';

/** The picture's own ground, which goes to the edge where the system cuts the shape. */
const GROUND = '#17181c';

/** Of a maskable icon the middle four fifths are always seen. */
const SAFE_SHARE = 0.8;

const ICONS = [
  { name: 'icon-192', size: 192, isMasked: false },
  { name: 'icon-512', size: 512, isMasked: false },
  { name: 'maskable-192', size: 192, isMasked: true },
  { name: 'maskable-512', size: 512, isMasked: true },
  // Apple's systems round the corners themselves.
  { name: 'apple-touch-icon', size: 180, isMasked: true },
];

const picture = readFileSync(path.join(ROOT, 'public/favicon.svg'), 'base64');
const folder = path.join(ROOT, 'public/icons');
mkdirSync(folder, { recursive: true });

const browser = await chromium.launch(browserLaunchOptions());
const page = await browser.newPage();
for (const { name, size, isMasked } of ICONS) {
  const inner = Math.round(isMasked ? size * SAFE_SHARE : size);
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>
      html { height: 100%; background: ${isMasked ? GROUND : 'transparent'} }
      body { display: grid; height: 100%; margin: 0; place-items: center }
    </style><img width="${inner}" height="${inner}" src="data:image/svg+xml;base64,${picture}">`);
  await page.locator('img').evaluate((image) => /** @type {HTMLImageElement} */ (image).decode());
  const file = path.join(folder, `${name}.png`);
  await page.screenshot({ path: file, omitBackground: true });
  console.log(path.relative(ROOT, file));
}
await browser.close();
