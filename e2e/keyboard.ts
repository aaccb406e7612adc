/** A page that is used without a pointer. */
import { expect, type Locator, type Page } from '@playwright/test';

const MAX_STOPS = 60;

/** Presses Tab until the element has the focus; every stop on the way must be seen. */
export async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let stop = 0; stop < MAX_STOPS; stop++) {
    await page.keyboard.press(key);
    expect(await focusProblem(page)).toBeNull();
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${MAX_STOPS} stops of ${key} did not come to ${String(target)}.`);
}

/** What is wrong with where the focus is; null: it is on something, and that is marked. */
export function focusProblem(page: Page): Promise<string | null> {
  return page.evaluate(() => {
    const focused = document.activeElement;
    if (focused === null || focused === document.body) return null;
    const hasMark = (element: Element): boolean => {
      const { outlineStyle, outlineWidth, boxShadow, borderColor } = getComputedStyle(element);
      const isInput = element.matches('input, textarea, select');
      // Inputs of Mantine change the colour of their border.
      return (
        (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none' || (isInput && borderColor !== '')
      );
    };
    // A hidden checkbox or radio is drawn by what stands around it.
    const drawn = [focused, focused.parentElement, focused.nextElementSibling].filter((element) => element !== null);
    if (drawn.some(hasMark)) return null;
    return `no mark on ${focused.outerHTML.slice(0, 160)}`;
  });
}

/** Opens a dialog with Enter from its button, closes it with Escape, and is back on the button. */
export async function opensAndCloses(page: Page, button: Locator, dialog: Locator): Promise<void> {
  await tabTo(page, button);
  await page.keyboard.press('Enter');
  await expect(dialog).toBeVisible();
  await expect.poll(() => dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  // The focus stays inside.
  for (let stop = 0; stop < 3; stop++) await page.keyboard.press('Shift+Tab');
  expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(button).toBeFocused();
}
