/** The documents' site, as a build serves it. */
import { expect, test } from '../fixtures.ts';
import { looksWell } from '../looks-well.ts';
import { DocumentsPage } from '../pages/documents-page.ts';

test('documents are read, followed and looked at in both looks', async ({ page }) => {
  const documents = new DocumentsPage(page);
  await documents.open();
  await expect(documents.title).toHaveText('Documents');
  await looksWell(page, 'documents');
  await page.setViewportSize({ width: 1440, height: 900 });

  await documents.follow('Bring your own model');
  await expect(documents.title).toHaveText('Bring your own model');
  await expect(documents.navigation.getByRole('link', { name: 'Bring your own model' })).toHaveAttribute(
    'aria-current',
    'page',
  );
  await documents.contents.getByRole('link', { name: 'Quantising at load' }).click();
  await expect(page.getByRole('heading', { name: /^Quantising at load/ })).toBeInViewport();
  await documents.text.getByRole('link', { name: 'measured', exact: true }).click();
  await expect(documents.title).toHaveText('Experiment log');
  await expect(page.getByRole('heading', { name: /what quantising at load costs/ })).toBeInViewport();

  await documents.open('gallery.html');
  expect(await documents.text.locator('img').count()).toBeGreaterThan(5);
  expect(await documents.countMissingPictures()).toBe(0);
  await documents.open('automation.html');
  await looksWell(page, 'documents-automation');

  // What was chosen on the page holds here too.
  await page.emulateMedia({ colorScheme: 'light' });
  await page.getByRole('link', { name: 'Duet', exact: true }).first().click();
  await page.getByRole('button', { name: 'Dark colours' }).click();
  await documents.open('gallery.html');
  await expect(page.locator('html')).toHaveCSS('background-color', 'rgb(18, 19, 22)');
});

test('the handout prints on one sheet', async ({ page }) => {
  const documents = new DocumentsPage(page);
  await documents.open('handout.html');
  await expect(documents.title).toHaveText('Duet: one sheet to take home');
  expect(await documents.countPrintedPages()).toBe(1);
  // What counts pages counts more than one.
  await documents.open('workshop.html');
  expect(await documents.countPrintedPages()).toBeGreaterThan(2);
});

test('the folder without its slash leads to the documents', async ({ page }) => {
  const documents = new DocumentsPage(page);
  await page.goto('docs');
  await expect(page).toHaveURL(/\/docs\/$/);
  await documents.follow('Give the workshop');
  await expect(documents.title).toHaveText('Give the workshop');
});

test.describe('an address without a document', () => {
  test.use({ allowedErrors: [/404/] });

  test('is an error, and not the page', async ({ page }) => {
    const answer = await new DocumentsPage(page).open('nothing.html');
    expect(answer?.status()).toBe(404);
  });
});
