import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, LOOKS, transitionsOver } from './fixtures.ts';

/** The rules of accessibility, looked for in the page itself: no frame of ours is of another origin, and opening a page to sum up takes a fifth of the time. */
export function axe(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).setLegacyMode(true);
}

/** Nothing is pointed at: a page laid out anew may bring something that explains itself under a pointer that was left on it. */
export async function pointerAway(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
  await expect(page.getByRole('tooltip')).toHaveCount(0);
}

/** In both looks: nothing is wider than the page, and no accessibility rule is broken. */
export async function looksWell(page: Page, name: string): Promise<void> {
  for (const { colorScheme, ...size } of LOOKS) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(size.width);
    await pointerAway(page);
    await transitionsOver(page);
    const { violations } = await axe(page).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    const shots = process.env['DUET_LOOK'];
    if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}-${size.width}-${colorScheme}.png` });
  }
}
