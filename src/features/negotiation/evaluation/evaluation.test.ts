import { describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { parseCsv } from '@/lib/parse-csv.ts';
import { sampleEvaluation } from '@/testing/sample-negotiation-evaluation.ts';
import type { WinRateRow } from '@/protocol/negotiation-evaluation.ts';
import { dilemmaAnswers, verdictText } from './dilemma-answers.ts';
import { piecesCsv, tablesCsv } from './evaluation-csv.ts';
import { reportHtml } from './report-html.ts';
import {
  abilityTable,
  alignmentTable,
  contestantsTable,
  resolutionTable,
  winRateNotes,
  type ResultTable,
} from './result-tables.ts';
import { plotRows, winRatePlot } from './win-rate-plot.ts';
import { contestPairs, turnedRound, winRateOf } from './win-rates.ts';

const REPORT = sampleEvaluation();
const RESULTS = { contestants: REPORT.plan.contestants, summary: REPORT.summary };
const ROW = at(REPORT.summary.winRates, 0);

const textsOf = (table: ResultTable): string[][] =>
  table.rows.map(({ head, headDetail, cells }) => [
    head,
    headDetail,
    ...cells.map(({ text, detail }) => `${text} ${detail}`.replaceAll('\u00A0', ' ').trim()),
  ]);

describe('comparisons', () => {
  test('stand beside the paper’s by their roles; those of ours alone come last', () => {
    const contestants = [...REPORT.plan.contestants, { name: 'Other', adapterId: 'b', role: null }];
    expect(contestPairs(contestants)).toEqual([
      { left: 'Single-agent', right: 'Base', paper: ['single', 'base'], isOurs: false },
      { left: 'Pact', right: 'Base', paper: ['multi', 'base'], isOurs: true },
      { left: 'Multi-agent', right: 'Single-agent', paper: ['multi', 'single'], isOurs: false },
      { left: 'Other', right: 'Base', paper: null, isOurs: true },
      { left: 'Other', right: 'Pact', paper: null, isOurs: true },
    ]);
  });

  test('are found from either side, and turned round where need be', () => {
    const row: WinRateRow = { ...ROW, wins: 3, losses: 1, winRate: 0.75, interval: { low: 0.3, high: 0.95 } };
    const key = { aspect: row.aspect, set: row.set, decoding: row.decoding };
    expect(winRateOf([row], { ...key, left: 'Pact', right: 'Base' })).toBe(row);
    const turned = winRateOf([row], { ...key, left: 'Base', right: 'Pact' });
    expect(turned).toMatchObject({ left: 'Base', wins: 1, losses: 3, winRate: 0.25 });
    expect(turned?.interval?.low).toBeCloseTo(0.05, 12);
    expect(turned?.interval?.high).toBeCloseTo(0.7, 12);
    expect(turnedRound(turnedRound(row))).toEqual({ ...row, interval: { low: expect.closeTo(0.3, 12), high: 0.95 } });
  });
});

describe('tables', () => {
  test('CA alignment: ours and the paper’s side by side, without columns in which nothing stands', () => {
    const table = alignmentTable(RESULTS);
    expect(table.columns.map(({ label, isPaper }) => `${label}${isPaper ? ', paper' : ''}`)).toEqual([
      'Left against right',
      'Greedy',
      'Greedy, paper',
      'Sampling, paper',
    ]);
    expect(textsOf(table)[2]).toEqual([
      'Pact against Base',
      'conflict',
      '100.0 % 1 of 1; 21 to 100 %',
      '59.4 % ± 6.7',
      '62.2 % ± 5.8',
    ]);
    expect(table.rows.map(({ isPaper }) => isPaper)).toEqual([true, true, false, false, true, true]);
  });

  test('conflict resolution: what the judge did not say consistently is not counted', () => {
    const row = textsOf(resolutionTable(RESULTS))[1];
    expect(row).toEqual([
      'Pact against Base',
      '',
      '– none of 1 counts',
      '57.1 % ± 9.8',
      '63.0 % ± 2.6',
      '1.00 / 1.00',
      '1.60 / 2.13',
      '1.64 / 2.07',
    ]);
  });

  test('general ability: ours with its change, then the paper’s', () => {
    const rows = textsOf(abilityTable(RESULTS));
    expect(rows[0]).toEqual([
      'Arithmetic and algebra',
      'Pact',
      '100.0 % 1 of 1; 21 to 100 %',
      '0.0 % 0 of 1; 0 to 79 %',
      '\u2212100.0 points',
    ]);
    expect(rows[1]?.slice(2)).toEqual(['7.39 9 tokens', '7.39 9 tokens', '0.00']);
    expect(rows[3]).toEqual(['GPQA Diamond', '', '28.6 %', '26.6 %', '\u22122.0 points']);
  });

  test('each by itself', () => {
    expect(textsOf(contestantsTable(RESULTS))[1]).toEqual([
      'Pact',
      'conflict, greedy',
      '1',
      '4.00',
      '100.0 % 21 to 100 %',
      '1.00',
      '0',
    ]);
  });

  test('notes say what was dropped, and that a few comparisons tell little', () => {
    const notes = winRateNotes(REPORT.summary.winRates).map((note) => note.replaceAll('\u00A0', ' '));
    expect(notes[0]).toMatch(
      /^Dropped: 1 of 2 comparisons; in 1 the judge chose the same place in both orders, so the place decided\.$/,
    );
    expect(notes[1]).toContain('With n = 1 an interval is wide: 1 of 1 won may mean anything from 21 to 100 %.');
    expect(winRateNotes([])).toEqual([]);
    expect(winRateNotes([{ ...ROW, wins: 18, losses: 7 }])[1]?.replaceAll('\u00A0', ' ')).toContain('n = 25');
  });
});

test('long names are cut each by itself, so that both can be told', () => {
  const [row] = plotRows(REPORT.summary.winRates, REPORT.plan.contestants);
  const rows = row === undefined ? [] : [{ ...row, left: 'An adapter with a long name', right: 'Another long name' }];
  const texts = winRatePlot(rows, 800).marks.flatMap((mark) => (mark.kind === 'text' ? [mark.text] : []));
  expect(texts).toContain('An adapter… against Another lo…');
});

test.each([320, 1200])('the picture at a width of %i stays within its frame', (width) => {
  const { marks, height } = winRatePlot(plotRows(REPORT.summary.winRates, REPORT.plan.contestants), width);
  const places = marks.flatMap((mark) => (mark.kind === 'line' ? [mark.from, mark.to] : [[mark.x, mark.y] as const]));
  for (const [x, y] of places) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x).toBeLessThanOrEqual(width);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y).toBeLessThanOrEqual(height);
  }
});

test('answers stand side by side in the contestants’ order, with the verdicts of their run', () => {
  const [only] = dilemmaAnswers({ ...REPORT, pieces: REPORT.pieces.toReversed() });
  const run = only?.runs[0];
  expect(run?.answers.map(({ contestant }) => contestant)).toEqual(['Base', 'Pact']);
  expect(run?.pair?.id).toBe('two');
  expect(run?.verdicts.map((piece) => verdictText(piece).result).toSorted()).toEqual([
    'Pact won',
    'dropped, the place decided',
  ]);
  const verdict = run?.verdicts.find(({ verdict: { winner } }) => winner === 'left');
  expect(verdict && verdictText(verdict).orders).toEqual([
    'Pact read first: chose Pact, p(first) 0.70',
    'Base read first: chose Pact',
  ]);
});

describe('files', () => {
  test('tables as CSV: one line per number, the paper’s beside it or alone', () => {
    const rows = parseCsv(tablesCsv(REPORT));
    const [head, ...lines] = rows.map(({ fields }) => fields);
    const lineOf = (...wanted: string[]): Record<string, string> => {
      const found = lines.find((fields) => wanted.every((field) => fields.includes(field)));
      return Object.fromEntries((head ?? []).map((name, index) => [name, found?.[index] ?? '']));
    };
    expect(lineOf('win rate, caAlignment', 'Pact')).toMatchObject({ value: '1', wins: '1', paper: '0.594' });
    expect(lineOf('win rate, caAlignment', 'single')).toMatchObject({ value: '', paper: '0.626' });
    expect(lineOf('rounds', 'Pact')).toMatchObject({ value: '1', paper: '1.6' });
    expect(lineOf('accuracy', 'Base')).toMatchObject({ value: '1', count: '1' });
    // Two of ours, the paper's other 16, three of each contestant, two accuracies and two perplexities.
    expect(lines).toHaveLength(2 + 16 + 6 + 2 + 2);
  });

  test('pieces as CSV: one line each', () => {
    const rows = parseCsv(piecesCsv(sampleEvaluation({ adapter: 'Pact', dilemma: 'Who?', answer: '=1+1' })));
    expect(rows).toHaveLength(1 + REPORT.pieces.length);
    // A spreadsheet must not run what a model wrote.
    expect(rows[1]?.fields.at(-1)).toBe("'=1+1");
  });

  test('the report as HTML has tables, picture, answers, settings, and where the paper’s numbers are from', () => {
    const html = reportHtml(REPORT);
    for (const part of ['CA alignment', '<svg', 'We take turns.', 'Turns at most', 'CC BY 4.0', 'Qwen3-14B', 'Tiny'])
      expect(html).toContain(part);
    expect(html).not.toContain('Not complete');
    expect(reportHtml({ ...REPORT, pieces: REPORT.pieces.slice(1) })).toContain('Not complete: 7 of 8 parts.');
  });

  test('the report as HTML loads nothing, and what was written in it stays text', () => {
    const hostile = `</p><script>alert(1)</script><img src=x onerror="alert(2)"><a href='javascript:x'>&amp;`;
    const html = reportHtml({
      ...sampleEvaluation({ adapter: hostile, dilemma: hostile, answer: hostile }),
      device: hostile,
      model: { name: hostile, key: hostile },
    });
    expect(html).not.toMatch(/<(script|img|a|iframe|link|object|embed|base|form)\b/i);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('&amp;amp;');
    // Tags have neither an address nor a handler, whatever the texts in and between them say.
    const tags =
      html
        .match(/<[^>]*>/g)
        ?.join('\n')
        .replaceAll(/"[^"]*"/g, '""') ?? '';
    expect(tags).not.toContain("'");
    expect(tags).not.toMatch(/\s(src|href|on\w+|style|action)\s*=/i);
    expect(html).not.toMatch(/url\(|@import|https?:/i);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });
});
