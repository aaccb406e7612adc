import type { Page } from '@playwright/test';

/** Opens a study's dialog from the menu of the status bar. */
export async function openStudy(page: Page, name: 'Compare' | 'Evaluate' | 'Calibrate'): Promise<void> {
  await page.getByRole('button', { name: 'Studies' }).click();
  await page.getByRole('menuitem', { name }).click();
}
