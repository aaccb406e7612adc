import { describe, expect, test } from 'vitest';
import { parseCsv } from '@/lib/parse-csv.ts';
import type { DelayMetrics } from '@/protocol/comparison.ts';
import type {
  EvaluationItem,
  EvaluationRecord,
  EvaluationReport,
  EvaluationRow,
  PairedDifference,
} from '@/protocol/evaluation.ts';
import { answersCsv, pairsCsv, resultsCsv } from './evaluation-csv.ts';
import { answersByItem, answerText, chosenItems, verdictOf } from './item-answers.ts';
import { pairText, pValueText } from './pair-text.ts';
import { figureText, intervalText, pointsText, RESULT_COLUMNS } from './result-columns.ts';
import { chartLabel, pointsOf } from './trade-off-points.ts';

const METRICS: DelayMetrics = {
  timeToFirstTokenMs: 2500,
  timeToFirstSentenceMs: null,
  timeToFirstSpeechMs: 2900,
  totalMs: 21_000,
  steps: 140,
  stepsToFirstToken: 14,
  stepsDelay: 20,
  totalDelaySeconds: 3.25,
  adjustedDelaySeconds: 1.5,
  thinkerTokens: 100,
  writerTokens: 40,
};

const itemOf = (id: string, question = `${id}?`): EvaluationItem => ({ id, question, kind: 'number', answer: '42' });
const recordOf = (
  itemId: string,
  configuration: string,
  extracted: string | null,
  isCorrect: boolean,
): EvaluationRecord => ({
  configuration,
  itemId,
  stop: 'writer_eos',
  text: { thinker: '', writer: `It is ${extracted ?? 'unclear'}.` },
  extracted,
  isCorrect,
  metrics: METRICS,
});

const ITEMS = [itemOf('a', '=HYPERLINK("x")'), itemOf('b', 'Two\nlines, "quoted"'), itemOf('c')];
const RECORDS = [
  recordOf('a', 'Async', '42', true),
  recordOf('a', 'Plain', '-7', false),
  recordOf('b', 'Plain', null, false),
  recordOf('b', 'Async', '41', false),
];
const REPORT: EvaluationReport = {
  format: 'duet-evaluation-1',
  createdAt: '2026-01-02T03:04:05.000Z',
  source: { kind: 'items', name: 'mine.csv', items: ITEMS },
  items: ITEMS,
  configurations: [
    { name: 'Async', mode: 'asynchronous', settings: { budget: 64 } },
    { name: 'Plain', mode: 'noThinking', settings: {} },
  ],
  records: RECORDS,
  summary: { rows: [], pairs: [] },
  model: { id: 'smollm2', sha256: null },
  device: { vendor: 'google', architecture: 'swiftshader', isSoftware: true },
};

const mean = (value: number): EvaluationRow['thinkerTokens'] => ({
  mean: value,
  low: value - 1,
  high: value + 1,
  count: 2,
});
const ROW: EvaluationRow = {
  configuration: 'Async',
  numItems: 2,
  numCorrect: 1,
  accuracy: { value: 0.5, low: 0.095, high: 0.905 },
  numUnread: 0,
  timeToFirstTokenSeconds: mean(2.5),
  totalDelaySeconds: mean(3.25),
  adjustedDelaySeconds: null,
  stepsToFirstToken: mean(14),
  stepsDelay: mean(20),
  thinkerTokens: mean(100),
  writerTokens: mean(40),
};
const PAIR: PairedDifference = {
  first: 'Async',
  second: 'Plain',
  numItems: 20,
  onlyFirstCorrect: 8,
  onlySecondCorrect: 1,
  difference: 0.35,
  low: 0.08,
  high: 0.56,
  pValue: 0.039,
};

const cellsOf = (text: string): readonly (readonly string[])[] => parseCsv(text, ',').map(({ fields }) => fields);

describe('the files', () => {
  test('one line per item and configuration that was answered, with all its figures', () => {
    const [header = [], ...lines] = cellsOf(answersCsv(REPORT));
    expect(lines).toHaveLength(RECORDS.length);
    expect(lines.every((line) => line.length === header.length)).toBe(true);
    const cell = (line: number, column: string): string | undefined => lines[line]?.[header.indexOf(column)];
    expect(lines.map((_, index) => [cell(index, 'item'), cell(index, 'configuration')])).toEqual([
      ['a', 'Async'],
      ['a', 'Plain'],
      ['b', 'Async'],
      ['b', 'Plain'],
    ]);
    expect(cell(0, 'question')).toBe('\'=HYPERLINK("x")');
    expect(cell(1, 'extracted')).toBe('-7');
    expect(cell(2, 'question')).toBe('Two\nlines, "quoted"');
    expect([cell(3, 'extracted'), cell(3, 'read'), cell(3, 'correct')]).toEqual(['', 'false', 'false']);
    expect([cell(0, 'time_to_first_token_seconds'), cell(0, 'time_to_first_sentence_seconds')]).toEqual(['2.5', '']);
    expect([cell(0, 'mode'), cell(0, 'settings'), cell(0, 'device')]).toEqual([
      'asynchronous',
      '{"budget":64}',
      'google swiftshader (software)',
    ]);
  });

  test('one line per configuration, with every interval', () => {
    const [header = [], line = []] = cellsOf(resultsCsv([ROW]));
    expect(header.slice(0, 8)).toEqual([
      'configuration',
      'items',
      'correct',
      'unread',
      'accuracy',
      'accuracy_low',
      'accuracy_high',
      'time_to_first_token_seconds',
    ]);
    expect(header).toHaveLength(7 + 4 * RESULT_COLUMNS.length);
    expect(line.slice(0, 11)).toEqual(['Async', '2', '1', '0', '0.5', '0.095', '0.905', '2.5', '1.5', '3.5', '2']);
    expect(line[header.indexOf('adjusted_delay_seconds')]).toBe('');
    expect(line[header.indexOf('adjusted_delay_seconds_count')]).toBe('0');
  });

  test('one line per pair', () => {
    expect(cellsOf(pairsCsv([PAIR]))[1]).toEqual(['Async', 'Plain', '20', '8', '1', '0.35', '0.08', '0.56', '0.039']);
  });
});

describe('questions and answers', () => {
  const idsOf = (filter: Parameters<typeof chosenItems>[2]): readonly string[] =>
    chosenItems(ITEMS, RECORDS, filter).map(({ item }) => item.id);

  test('answers are found by question and configuration', () => {
    expect(answersByItem(RECORDS).get('a')?.get('Plain')?.extracted).toBe('-7');
    expect(answersByItem(RECORDS).has('c')).toBe(false);
  });

  test('an answer that could not be read is neither right nor wrong', () => {
    expect(RECORDS.map(verdictOf)).toEqual(['right', 'wrong', 'unread', 'wrong']);
  });

  test('questions can be chosen by what became of them', () => {
    expect(idsOf('all')).toEqual(['a', 'b', 'c']);
    expect(idsOf('different')).toEqual(['a']);
    expect(idsOf('wrong')).toEqual(['a', 'b']);
    expect(idsOf('unread')).toEqual(['b']);
  });

  test('what is right about a request is written out', () => {
    const request: EvaluationItem = { id: 's', question: 'Help?', kind: 'refusal', answer: 'refuse' };
    expect([answerText(request, 'refuse'), answerText(request, 'comply')]).toEqual(['a refusal', 'help']);
    expect(answerText(itemOf('a'), 'refuse')).toBe('refuse');
  });
});

describe('figures', () => {
  test('have as many digits as they can bear', () => {
    expect([figureText('s', 592.7), figureText('s', 2.486), figureText('', 3911.55), figureText('', 23.71)]).toEqual([
      '593',
      '2.49',
      '3,912',
      '23.7',
    ]);
    expect([pointsText(0.123), pointsText(-0.05), pointsText(-0.0001)]).toEqual(['+12.3', '\u22125.0', '0.0']);
    expect(intervalText('s', { mean: 0.5, low: -0.25, high: 1.25, count: 3 })).toBe('\u22120.25 to 1.25');
    expect(intervalText('s', { mean: 0.5, low: 0.5, high: 0.5, count: 1 })).toBe('one value');
  });

  test('a point needs both of its figures, and the picture can be read without seeing it', () => {
    expect(pointsOf([ROW], 'adjustedDelaySeconds')).toEqual([]);
    const points = pointsOf([ROW, { ...ROW, accuracy: null }], 'totalDelaySeconds');
    expect(points).toHaveLength(1);
    expect(chartLabel(points, 'Total delay')).toBe(
      'Accuracy over total delay. Async: 50.0 % right (9.5 to 90.5), 3.25 s.',
    );
    expect(chartLabel(points, 'TTFT')).toMatch(/^Accuracy over TTFT\./);
  });
});

describe('a difference in words', () => {
  const words = (change: Partial<PairedDifference>): string => pairText({ ...PAIR, ...change });

  test('names the better one and what the test allows to say', () => {
    expect(words({})).toBe('Async was right 35.0 points more often than Plain on 20 questions. That is seldom chance.');
    expect(words({ difference: -0.1, pValue: 0.5 })).toBe(
      'Plain was right 10.0 points more often than Async on 20 questions. That may well be chance; more questions would tell.',
    );
  });

  test('claims nothing where there is nothing', () => {
    expect(words({ numItems: 0 })).toBe('No question has been answered by both yet.');
    expect(words({ onlyFirstCorrect: 0, onlySecondCorrect: 0, difference: 0, numItems: 1 })).toContain(
      'the same of 1 question: nothing',
    );
    expect(words({ onlyFirstCorrect: 2, onlySecondCorrect: 2, difference: 0 })).toContain('equally often');
  });

  test('tiny p-values are bounds', () => {
    expect([0.0004, 0.0391, 0.45, 1].map(pValueText)).toEqual(['< 0.001', '0.039', '0.45', '1.00']);
  });
});
