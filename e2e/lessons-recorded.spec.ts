/** Every lesson from its start to its end where no model can run: on recordings, which it says. */
import { withoutWebGpu } from './without-webgpu.ts';
import { expect, test, transitionsOver } from './fixtures.ts';
import { LessonPage } from './pages/lesson-page.ts';

test.use(withoutWebGpu());

const LOOK = process.env['DUET_LOOK'];

const TITLES = [
  'What a KV cache is',
  'Why rotating the query is enough',
  'Thinking while you type',
  'How two personas negotiate',
  'What GRPO changes, token by token',
  'How to read the charts and doubt the judge',
];

for (const title of TITLES) {
  test(`without WebGPU: ${title}`, async ({ page }) => {
    const lesson = new LessonPage(page);
    if (LOOK !== undefined) await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto('/');
    await lesson.start(title);
    await expect(lesson.sheet).toContainText('Recorded run');
    await expect(lesson.sheet).toContainText('No model can run in this browser');
    const shots = async (step: number): Promise<void> => {
      if (LOOK !== undefined) {
        await transitionsOver(page);
        await page.screenshot({
          path: `${LOOK}/${title.replaceAll(/\W+/g, '-')}-${String(step + 1).padStart(2, '0')}.png`,
        });
      }
    };
    expect(await lesson.walk(shots)).toBeGreaterThanOrEqual(8);
    await expect(lesson.sheet).toContainText(/(\d) of \1 questions are answered rightly/);
    await page.goto('/#/lessons');
    await expect(page.getByRole('article').filter({ hasText: title })).toContainText('finished');
  });
}
