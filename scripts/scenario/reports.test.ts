import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRun } from '@/protocol/recording-schema.ts';
import { readFileSync } from 'node:fs';
import { htmlReport } from './report-html.mjs';
import { jsonReport } from './report-json.mjs';
import { junitReport } from './report-junit.mjs';
import { HOSTILE, hostileResult, sampleResult } from './sample-results.ts';
import { timelineSvg } from './timeline-svg.mjs';

/** Whatever stands in a text, only tags of these names are written, and every one that opens closes. */
function tagsOf(markup: string): string[] {
  const open: string[] = [];
  const seen = new Set<string>();
  for (const [, close, name = '', rest = ''] of markup.matchAll(/<(\/?)([a-z?!][\w-]*)([^<>]*)>/gi)) {
    if (name.startsWith('?') || name.startsWith('!')) continue;
    seen.add(name);
    if (close === '/') expect(open.pop()).toBe(name);
    else if (!rest.endsWith('/') && !['meta', 'img'].includes(name)) open.push(name);
  }
  expect(open).toEqual([]);
  expect(markup.replaceAll(/<\/?[a-z?!][\w-]*[^<>]*>/gi, '')).not.toMatch(/<[^ ]/);
  return [...seen].toSorted();
}

describe('JUnit', () => {
  test('a passed and a failed scenario', () => {
    const failed = sampleResult({
      isPassed: false,
      judgements: [{ name: 'stop', isMet: false, expected: 'a', actual: 'b', explanation: ['Because.'] }],
    });
    const xml = junitReport([sampleResult(), failed]);
    expect(xml).toContain('tests="2" failures="1" errors="0"');
    expect(xml).toContain('<failure message="stop: expected a; found b">');
    expect(xml).toContain('Because.');
    expect(tagsOf(xml)).toEqual(['failure', 'testcase', 'testsuite', 'testsuites']);
  });

  test.each([HOSTILE, '\uFFFE', '\u000B', '&amp;', '-->'])('%j is written as text', (text) => {
    const xml = junitReport([hostileResult(text)]);
    expect(tagsOf(xml)).toEqual(['failure', 'testcase', 'testsuite', 'testsuites']);
    // Nothing that XML 1.0 cannot hold.
    expect(xml).not.toMatch(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u);
    expect(xml.replaceAll(/&(amp|lt|gt|quot|#\d+);/g, '')).not.toContain('&');
  });

  test('any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        tagsOf(junitReport([hostileResult(text)]));
      }),
    );
  });
});

describe('HTML', () => {
  test('says what failed, what was expected and found, and why', () => {
    const html = htmlReport([sampleResult(), hostileResult('odd')]);
    expect(html).toContain('1 of 2 scenarios failed');
    expect(html).toContain('The first difference from the baseline');
    expect(html).toContain('google swiftshader (software)');
    expect(html).toContain('1.200 to 1.900');
    expect(html).not.toMatch(/(src|href)="(?!#|data:)/);
  });

  test.each([
    ['met', '<span class="met">passed</span>'],
    ['differs', '<span class="unmet">failed</span>'],
    ['none', '<span>not judged</span>'],
    ['not compared', '<span>not judged</span>'],
  ] as const)('a baseline that is %s', (baseline, mark) => {
    expect(htmlReport([sampleResult({ baseline })])).toContain(`<tr><td>${mark}</td><td>baseline</td>`);
  });

  test('hostile texts add no tag', () => {
    const plain = tagsOf(htmlReport([hostileResult('plain')]).replace(/<style>.*<\/style>/s, ''));
    fc.assert(
      fc.property(fc.oneof(fc.constant(HOSTILE), fc.string({ unit: 'binary' })), (text) => {
        expect(tagsOf(htmlReport([hostileResult(text)]).replace(/<style>.*?<\/style>/s, ''))).toEqual(
          expect.arrayContaining(plain.filter((name) => name !== 'i')),
        );
      }),
    );
    expect(plain).not.toContain('script');
  });
});

test('the timeline has a lane for each stream, what was typed and every probe', () => {
  const run = readRun(readFileSync('public/recordings/change-of-mind.json', 'utf8'));
  const svg = timelineSvg(run, 3);
  const numProbes = run.result.steps.filter(({ probe }) => probe !== undefined).length;
  expect(svg.match(/<text class="probe"/g)?.length ?? 0).toBe(numProbes);
  expect(svg).toContain('class="thinker"');
  expect(svg).toContain('class="writer"');
  expect(svg).toContain('edit input in front of step 16');
  expect(svg).toContain('first difference');
});

test('the JSON report has the outcomes and names pictures by their files', () => {
  const picture = { name: 'a', file: 'a.a.png', isMet: true, maxDifferingShare: 0.1, differingShare: 0, words: '' };
  const png = { actual: Buffer.from('x'), expected: null, difference: null };
  const report = JSON.parse(jsonReport([sampleResult({ pictures: [{ ...picture, ...png }] })])) as {
    results: { pictures: object[]; outcome: { facts: object } }[];
  };
  expect(report).toMatchObject({ passed: 1, failed: 0, results: [{ outcome: { facts: { stop: 'budget' } } }] });
  expect(report.results[0]?.pictures[0]).not.toHaveProperty('actual');
});
