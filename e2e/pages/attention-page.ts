import type { Locator, Page } from '@playwright/test';

/** The pictures that draw from attention: what the answer read, the rotary dial, and the check. */
export class AttentionPage {
  readonly page: Page;
  readonly pictures: Locator;
  /** The whole answer; arrow keys choose a token. */
  readonly answerTokens: Locator;
  readonly layer: Locator;
  readonly allLayers: Locator;
  readonly newestButton: Locator;
  readonly readToken: Locator;
  readonly readThoughts: Locator;
  readonly mostRead: Locator;
  readonly pair: Locator;
  readonly inFront: Locator;
  readonly keys: Locator;
  readonly rewritten: Locator;
  readonly dial: Locator;
  readonly recomputeButton: Locator;
  readonly cancelButton: Locator;
  readonly checkProgress: Locator;
  readonly checkTable: Locator;
  readonly rebuildDifference: Locator;

  constructor(page: Page) {
    this.page = page;
    this.pictures = page.getByRole('region', { name: 'Pictures' });
    this.answerTokens = this.pictures.getByRole('slider', { name: 'Answer token' });
    this.layer = this.pictures.getByRole('slider', { name: /^Layer/ });
    this.allLayers = this.pictures.getByRole('checkbox', { name: 'All layers' });
    this.newestButton = this.pictures.getByRole('button', { name: 'Newest token' });
    this.readToken = page.getByTestId('read-token');
    this.readThoughts = page.getByTestId('read-thoughts');
    this.mostRead = this.pictures.getByRole('list', { name: 'Most-read tokens' }).getByRole('listitem');
    this.pair = this.pictures.getByRole('slider', { name: 'Pair' });
    this.inFront = this.pictures.getByRole('slider', { name: 'Tokens added in front' });
    this.keys = this.pictures.getByRole('group', { name: 'Key' }).getByRole('radio');
    this.rewritten = page.getByTestId('rewritten');
    this.dial = this.pictures.getByRole('figure', { name: 'Rotary dial' });
    this.recomputeButton = this.pictures.getByRole('button', { name: /^Recompute step \d+ from scratch$/ });
    this.cancelButton = this.pictures.getByRole('button', { name: 'Cancel' });
    this.checkProgress = this.pictures.getByRole('progressbar', { name: 'Check' });
    this.checkTable = this.pictures.getByRole('table', { name: /recomputed from scratch$/ });
    this.rebuildDifference = page.getByTestId('rebuild-difference');
  }

  async open(name: 'What it read' | 'Rotary dial' | 'Check'): Promise<void> {
    await this.pictures.getByRole('tab', { name }).click();
  }

  /** Numbers beside the bars, the last of them the sum. */
  async blockMasses(): Promise<number[]> {
    const texts = await this.page.getByTestId('block-masses').locator('.reading__number').allTextContents();
    return texts.map(Number);
  }

  /** What the dial says for those who do not see it. */
  async dialNumbers(): Promise<{ angles: number[]; scores: number[]; difference: number }> {
    const text = ((await this.dial.locator('figcaption').textContent()) ?? '').replaceAll('\u2212', '-');
    const numbers = (pattern: RegExp): number[] => Array.from(text.matchAll(pattern), ([, number]) => Number(number));
    return {
      angles: numbers(/([+-]?[\d.]+) degrees/g),
      scores: numbers(/score ([+-]?[\d.]+\d)/g),
      difference: numbers(/Difference ([\d.e-]*\d)/g)[0] ?? NaN,
    };
  }

  async export(item: 'Save as SVG' | 'Save as PNG' | 'Save as CSV'): Promise<string> {
    await this.pictures.getByRole('button', { name: /^Export/ }).click();
    const download = this.page.waitForEvent('download');
    await this.page.getByRole('menuitem', { name: item }).click();
    return (await download).path();
  }
}
