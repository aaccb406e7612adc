/** A page that is used without a pointer. */
import { expect, type Locator, type Page } from '@playwright/test';

const MAX_STOPS = 60;

/** Presses Tab until the element has the focus; every stop on the way must be seen. */
export async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let stop = 0; stop < MAX_STOPS; stop++) {
    await noteMarks(page);
    await page.keyboard.press(key);
    expect(await focusProblem(page)).toBeNull();
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${MAX_STOPS} stops of ${key} did not come to ${String(target)}.`);
}

/** What marks the focus on an element, as far as it is seen. */
interface Marks {
  readonly outline: string;
  readonly shadow: string;
  readonly border: string;
}

interface MarkedWindow {
  marksOf: (element: Element) => Marks;
  /** Of what can have the focus, and of what stands around it, when the focus was elsewhere. */
  blurred: WeakMap<Element, Marks>;
  focusedBefore: Element | null;
}

/** Remembers where the focus is, and how everything looks that does not have it. */
async function noteMarks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const marksOf = (element: Element): Marks => {
      const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor } = getComputedStyle(element);
      const isOutlined = outlineStyle !== 'none' && outlineWidth !== '0px';
      return {
        outline: isOutlined ? `${outlineStyle} ${outlineWidth} ${outlineColor}` : 'none',
        shadow: boxShadow,
        border: borderColor,
      };
    };
    const { blurred = new WeakMap<Element, Marks>() } = window as unknown as Partial<MarkedWindow>;
    const focused = document.activeElement;
    const around = new Set<Element>();
    for (const one of document.querySelectorAll('a, button, input, textarea, select, summary, [tabindex]')) {
      if (one.nextElementSibling !== null) around.add(one.nextElementSibling);
      for (let element: Element | null = one; element !== null; element = element.parentElement) around.add(element);
    }
    for (const element of around) if (!element.contains(focused)) blurred.set(element, marksOf(element));
    Object.assign(window, { marksOf, blurred, focusedBefore: focused } satisfies MarkedWindow);
  });
}

/** What is wrong with where the focus is since `noteMarks`; null: it is on something, and that looks other than without it. */
function focusProblem(page: Page): Promise<string | null> {
  return page.evaluate(() => {
    const { marksOf, blurred, focusedBefore } = window as unknown as MarkedWindow;
    const focused = document.activeElement;
    if (focused === null || focused === document.body || focused === focusedBefore) return null;
    // Where a colour is going to, not where it is on the way.
    for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
    const isMarked = (element: Element): boolean => {
      const now = marksOf(element);
      const before = blurred.get(element) ?? (element === focused ? { ...now, outline: 'none', shadow: 'none' } : now);
      return (
        (now.outline !== 'none' && now.outline !== before.outline) ||
        (now.shadow !== 'none' && now.shadow !== before.shadow) ||
        // Inputs of Mantine change the colour of their border.
        now.border !== before.border
      );
    };
    // A hidden checkbox or radio is drawn by what stands around it.
    const drawn = [focused, focused.parentElement, focused.nextElementSibling].filter((element) => element !== null);
    // Where text is written the caret says where exactly; the mark may be that of the whole section.
    if (focused.matches('input, textarea'))
      for (let element = focused.parentElement; element !== null; element = element.parentElement) drawn.push(element);
    if (drawn.some(isMarked)) return null;
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
