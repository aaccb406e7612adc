/** Regions of the page as pictures, compared with those that are kept beside the scenario. */
import { existsSync, readFileSync } from 'node:fs';
import { errors } from 'playwright';
import { pictureFile } from './files.mjs';

/**
 * @typedef {import('../../src/protocol/scenario/scenario.ts').Scenario} Scenario
 * @typedef {NonNullable<Scenario['expect']['screenshots']>[number]} Wanted
 * @typedef {{
 *   name: string, file: string, isMet: boolean, maxDifferingShare: number, differingShare: number | null,
 *   actual: Buffer | null, expected: Buffer | null, difference: Buffer | null, words: string,
 * }} Picture  `actual` is null where the region is not on the page
 */

/** Of 255: less is how a font is smoothed. */
const CHANNEL_TOLERANCE = 24;
/** By then a region is there, or is not. */
const SHOWN_MS = 10_000;
/** What opens or moves has settled then. */
const SETTLE_MS = 500;

/**
 * @param {import('playwright').Page} page  shows what came of the scenario
 * @param {Wanted} wanted
 * @param {string} file                     the scenario's
 * @returns {Promise<Picture>}
 */
export async function takePicture(page, { name, region, maxDifferingShare }, file) {
  const kept = pictureFile(file, name);
  const element = 'testId' in region ? page.getByTestId(region.testId) : byRole(page, region);
  const expected = existsSync(kept) ? readFileSync(kept) : null;
  const common = { name, file: kept, maxDifferingShare, expected };
  const unmet = { ...common, isMet: false, differingShare: null, difference: null };
  if (!(await isShown(element.first())))
    return { ...unmet, actual: null, words: `The page does not show ${JSON.stringify(region)}.` };
  await page.waitForTimeout(SETTLE_MS);
  const actual = await element.first().screenshot({ animations: 'disabled', caret: 'hide' });
  if (expected === null) return { ...unmet, actual, words: 'There is no stored picture yet.' };
  const { share, picture, words } = await compareImages(page.context(), actual, expected);
  return { ...common, actual, isMet: share <= maxDifferingShare, differingShare: share, difference: picture, words };
}

/** @type {(element: import('playwright').Locator) => Promise<boolean>} */
async function isShown(element) {
  try {
    await element.waitFor({ state: 'visible', timeout: SHOWN_MS });
    return true;
  } catch (error) {
    if (error instanceof errors.TimeoutError) return false;
    throw error;
  }
}

/** @type {(page: import('playwright').Page, region: { role: string, name?: string }) => import('playwright').Locator} */
function byRole(page, { role, name }) {
  const known = /** @type {Parameters<import('playwright').Page['getByRole']>[0]} */ (role);
  return page.getByRole(known, name === undefined ? {} : { name });
}

/**
 * In a page of the browser, which can read and write pictures.
 *
 * @param {import('playwright').BrowserContext} context
 * @param {Buffer} actual
 * @param {Buffer} expected
 * @returns {Promise<{ share: number, picture: Buffer | null, words: string }>}
 */
export async function compareImages(context, actual, expected) {
  const blank = await context.newPage();
  try {
    const found = await blank.evaluate(comparePixels, {
      a: actual.toString('base64'),
      b: expected.toString('base64'),
      tolerance: CHANNEL_TOLERANCE,
    });
    const picture = found.difference === null ? null : Buffer.from(found.difference, 'base64');
    return { share: found.share, picture, words: found.words };
  } finally {
    await blank.close();
  }
}

/**
 * Runs in the browser, and so holds all that it needs.
 *
 * @param {{ a: string, b: string, tolerance: number }} images  PNGs, base64
 */
async function comparePixels({ a, b, tolerance }) {
  /** @type {(width: number, height: number) => readonly [OffscreenCanvas, OffscreenCanvasRenderingContext2D]} */
  const canvasOf = (width, height) => {
    const canvas = new OffscreenCanvas(width, height);
    const drawing = canvas.getContext('2d');
    if (drawing === null) throw new Error('There is no canvas to compare pictures on.');
    return [canvas, drawing];
  };
  /** @type {(base64: string) => Promise<ImageData>} */
  const pixelsOf = async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const [, drawing] = canvasOf(image.width, image.height);
    drawing.drawImage(image, 0, 0);
    return drawing.getImageData(0, 0, image.width, image.height);
  };
  const [first, second] = await Promise.all([pixelsOf(a), pixelsOf(b)]);
  const { width, height, data } = first;
  if (width !== second.width || height !== second.height) {
    const words = `The sizes differ: ${width} x ${height}, and ${second.width} x ${second.height} is stored.`;
    return { share: 1, difference: null, words };
  }
  const [canvas, drawing] = canvasOf(width, height);
  const marked = drawing.createImageData(width, height);
  let numDiffering = 0;
  for (let at = 0; at < data.length; at += 4) {
    const pixel = [...data.subarray(at, at + 4)];
    const isDiffering = pixel.some((value, i) => Math.abs(value - Number(second.data[at + i])) > tolerance);
    if (isDiffering) numDiffering++;
    const grey = 200 + (pixel.slice(0, 3).reduce((sum, value) => sum + value, 0) / 3) * 0.2;
    marked.data.set(isDiffering ? [214, 0, 108, 255] : [grey, grey, grey, 255], at);
  }
  drawing.putImageData(marked, 0, 0);
  const png = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
  const difference = btoa(Array.from(png, (byte) => String.fromCharCode(byte)).join(''));
  const share = numDiffering / (width * height);
  return { share, difference, words: `${(share * 100).toFixed(2)} % of the pixels differ.` };
}
