import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRun } from '@/protocol/recording-schema.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { readNegotiationRecording } from '@/state/read-negotiation-recording.ts';
import { marginsSvg, scoresSvg } from './choices-svg.mjs';
import { dialoguesSvg } from './dialogues-svg.mjs';
import { listScenarioFiles, readBaseline } from './files.mjs';
import { htmlReport } from './report-html.mjs';
import { jsonReport } from './report-json.mjs';
import { junitReport } from './report-junit.mjs';
import { HOSTILE, hostileResult, sampleResult } from './sample-results.ts';
import { Pages } from './run-one.mjs';
import { timelineSvg } from './timeline-svg.mjs';
import { trainingSvgs } from './training-svg.mjs';

function shipped(folder: string): string[] {
  const names = readdirSync(`public/recordings/${folder}`).filter(
    (name) => name !== 'index.json' && name.endsWith('.json'),
  );
  return names.map((name) => `public/recordings/${folder}/${name}`);
}

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

const CHANGED_MIND = readRun(readFileSync('public/recordings/change-of-mind.json', 'utf8'));

function thinkingResult(change: Partial<ReturnType<typeof sampleResult>> = {}): ReturnType<typeof sampleResult> {
  const sample = sampleResult();
  return { ...sample, outcome: { ...sample.outcome, trace: CHANGED_MIND }, ...change };
}

/** The elements with this class. */
function numOf(markup: string, kind: string): number {
  return markup.split(`class="${kind}"`).length - 1;
}

describe('charts', () => {
  test('every choice has its margin, near ties stand out, and the baseline lies behind', () => {
    const rows = CHANGED_MIND.result.steps.flatMap((step) => step.rows);
    const ties = rows.filter(({ margin }) => margin < 0.05);
    expect(ties.length).toBeGreaterThan(0);
    const alone = marginsSvg(CHANGED_MIND, null, 3);
    expect(alone.split('<title>step ').length - 1).toBe(rows.length);
    expect(numOf(alone, 'thinker tied') + numOf(alone, 'writer tied')).toBe(ties.length);
    expect(alone).toContain(`${ties.length} near ties`);
    expect(alone).toContain('first difference, step 3');
    expect(alone).not.toMatch(/class="stored" d="M/);
    expect(marginsSvg(CHANGED_MIND, CHANGED_MIND, null)).toMatch(/class="stored" d="M/);
    tagsOf(alone);
  });

  test('a baseline that went on longer ends with the run', () => {
    const { result } = CHANGED_MIND;
    const begun = { ...CHANGED_MIND, result: { ...result, steps: result.steps.slice(0, 5) } };
    const places = [...marginsSvg(begun, CHANGED_MIND, null).matchAll(/[ML]([\d.]+) /g)].map(([, x]) => Number(x));
    expect(Math.max(...places)).toBeLessThanOrEqual(960);
  });

  test('probes stand against their limits; without any there is no chart', () => {
    const probes = CHANGED_MIND.result.steps.flatMap(({ probe }) => (probe === undefined ? [] : [probe]));
    const svg = scoresSvg(CHANGED_MIND, null, null) ?? '';
    expect(numOf(svg, 'probe')).toBe(probes.filter(({ yes }) => yes).length);
    expect(numOf(svg, 'probe ring')).toBe(probes.filter(({ yes }) => !yes).length);
    const { result } = CHANGED_MIND;
    const steps = result.steps.map(({ probe: _probe, ...step }) => step);
    expect(scoresSvg({ ...CHANGED_MIND, result: { ...result, steps } }, null, null)).toBeNull();
  });

  test.each(shipped('negotiations'))('%s: a lane a dialogue, as wide as its tokens, with what came of it', (file) => {
    const { group } = readNegotiationRecording(readFileSync(file, 'utf8'));
    const svg = dialoguesSvg(group);
    tagsOf(svg);
    const said = group.dialogues.flatMap(({ utterances, completion }) => [
      ...utterances,
      ...(completion ? [completion] : []),
    ]);
    for (const { tokenIds } of said) expect(svg).toContain(`: ${tokenIds.length} tokens`);
    const agreed = group.dialogues.filter(({ outcome }) => outcome === 'agreed').length;
    expect(numOf(svg, 'plain')).toBe(agreed);
    const right = [...svg.matchAll(/<rect class="(?:agent1|agent2|answer)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g)];
    expect(Math.max(...right.map(([, x, width]) => Number(x) + Number(width)))).toBeLessThanOrEqual(960 - 196);
  });

  test('metrics of a training are drawn from two steps on', () => {
    const metrics = { 'step1.loss': 4, 'step2.loss': 2, 'step1.reward': 1, 'step1.group1.loss': 9, 'step10.loss': 1 };
    const [loss = '', ...others] = trainingSvgs(metrics, { 'step1.loss': 3, 'step2.loss': 3 });
    expect(others).toEqual([]);
    expect(loss).toContain('loss over 3 steps: from 4 to 1');
    expect(loss).toMatch(/class="stored" d="M[\d. ]+L/);
    expect(trainingSvgs({ 'step1.loss': Number.NaN, 'step2.loss': 1 }, {})).toEqual([]);
  });

  test('the report holds what is drawn and the files behind it, which open again', () => {
    const html = htmlReport([thinkingResult({ file: 'scenarios/mind.json' })]);
    expect(html).toContain('How clear the choices were');
    expect(html).not.toContain('the baseline.</p>');
    const [, name, data = ''] = /download="([^"]+)" href="data:application\/json;base64,([^"]+)"/.exec(html) ?? [];
    expect(name).toBe('mind.trace.json');
    expect(readRun(Buffer.from(data, 'base64').toString())).toEqual(CHANGED_MIND);
    expect(htmlReport([sampleResult()])).not.toMatch(/<svg|download=/);
  });

  test.each(listScenarioFiles(['scenarios']).filter((file) => readBaseline(file)?.trace != null))(
    '%s: the baseline’s trace can be opened too',
    (file) => {
      const stored = readBaseline(file);
      const html = htmlReport([thinkingResult({ stored })]);
      expect(html).toContain('Grey, behind it: the baseline.');
      expect(html).toContain('The baseline’s trace');
      expect(readRun(JSON.stringify(stored?.trace)).result.steps.length).toBe(stored?.metrics['steps']);
    },
  );
});

test('errors of opening the shared page are those of the first scenario there', async () => {
  const opened: ((message: object) => void)[] = [];
  const error = { type: () => 'error', text: () => 'broken', location: () => ({ url: 'here' }) };
  const page = {
    setDefaultTimeout: () => undefined,
    exposeFunction: () => Promise.resolve(),
    on: (kind: string, told: (message: object) => void) => kind === 'console' && opened.push(told),
    goto: () => Promise.resolve(opened.at(-1)?.(error)),
    waitForFunction: () => Promise.resolve(),
  };
  const context = { newPage: () => Promise.resolve(page), close: () => Promise.resolve() };
  const pages = new Pages({ newContext: () => Promise.resolve(context) } as never, 'http://localhost');
  const wanted = { file: '', scenario: { panel: 'chat' } } as never;
  // Files are checked on it before any is run.
  await pages.shared();
  expect((await pages.open(wanted)).errors).toEqual(['broken (here)']);
  expect((await pages.open(wanted)).errors).toEqual([]);
  await pages.dropShared();
  expect((await pages.open(wanted)).errors).toEqual(['broken (here)']);
});
