import { describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { sampleEvaluation } from '@/testing/sample-negotiation-evaluation.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import { contestantsOf, FIRST_NEGOTIATION_EVALUATION, orderOf } from './negotiation-evaluation-form.ts';
import { NO_EVALUATION_SUMMARY } from './negotiation-evaluation-view.ts';
import { readKeptEvaluation, readNegotiationReport } from './read-negotiation-evaluation.ts';

const REPORT = sampleEvaluation();

/** The report with one field set otherwise; undefined: taken out. */
function withField(path: string, value: unknown): string {
  const copy: unknown = structuredClone(REPORT);
  const names = path.split('.');
  const last = names.pop() ?? '';
  const owner = names.reduce((part, name) => (part as Record<string, unknown>)[name], copy) as Record<string, unknown>;
  if (value === undefined) delete owner[last];
  else owner[last] = value;
  return JSON.stringify(copy);
}

describe('a report from a file', () => {
  test('is read back as it was', () => {
    expect(readNegotiationReport(JSON.stringify(REPORT))).toEqual(REPORT);
  });

  test.each([
    ['format', 'duet-evaluation-1', 'this is no report of an evaluation of negotiations'],
    ['createdAt', 'yesterday', 'createdAt'],
    ['plan.contestants.1.name', 'Base', 'plan.contestants: Two have the same name'],
    ['plan.settings.maxTurns', 0, 'plan.settings.maxTurns'],
    ['plan.templates', { nothing: 'x' }, 'plan.templates.nothing'],
    ['pieces.0.record.outcome', 'won', 'pieces.0.record.outcome'],
    ['pieces.2.verdict.winner', 'both', 'pieces.2.verdict.winner'],
    ['pieces.2.verdict.answers.0.pA', 7, 'pieces.2.verdict.answers.0.pA'],
    ['pieces.4.isCorrect', undefined, 'pieces.4.isCorrect'],
    ['pieces.6.secret', 'x', 'pieces.6.secret: there is no such field'],
    ['summary.winRates.0.winRate', 1.5, 'summary.winRates.0.winRate'],
    ['pieces.1.contestant', 'Nobody', 'pieces.1: the plan has no contestant “Nobody”'],
    ['pieces.3.dilemmaId', 'other', 'pieces.3.dilemmaId: the plan has no dilemma “other”'],
  ])('with a wrong %s is refused, and the field is named', (path, value, message) => {
    expect(() => readNegotiationReport(withField(path, value))).toThrow(message);
  });

  test.each(['', '{', 'null', '[]', '{"format":"duet-negotiation-1"}'])('that holds %j is refused', (content) => {
    expect(() => readNegotiationReport(content)).toThrow(/^The report: /);
  });
});

describe('what storage holds', () => {
  const order = orderOf(FIRST_NEGOTIATION_EVALUATION, {
    contestants: contestantsOf(FIRST_NEGOTIATION_EVALUATION, []),
    dilemmas: DILEMMAS,
    pairs: PERSONA_PAIRS,
    settings: DEFAULT_NEGOTIATION,
    judge: { kind: 'rule', rule: { kind: 'word', word: 'we' } },
    templates: {},
  });
  const { createdAt, model, device } = REPORT;
  const head = { format: 'duet-negotiation-evaluation-head-1', order, context: { createdAt, model, device } };

  test('comes back whole', () => {
    const kept = readKeptEvaluation({ head, pieces: REPORT.pieces, summary: REPORT.summary });
    expect(kept).toEqual({ head, pieces: REPORT.pieces, summary: REPORT.summary });
  });

  test('loses only the pieces that cannot be read', () => {
    const pieces = [at(REPORT.pieces, 0), { kind: 'dialogue' }, null];
    expect(readKeptEvaluation({ head, pieces, summary: NO_EVALUATION_SUMMARY })?.pieces).toHaveLength(1);
  });

  test('is nothing without a head', () => {
    for (const other of [null, {}, { ...head, format: 'other' }, { ...head, order: { ...order, dilemmas: [] } }])
      expect(readKeptEvaluation({ head: other, pieces: [], summary: NO_EVALUATION_SUMMARY })).toBeNull();
  });

  test('never gives a key back, nor a person as judge', () => {
    const read = (judge: unknown): unknown =>
      readKeptEvaluation({ head: { ...head, order: { ...order, judge } }, pieces: [], summary: NO_EVALUATION_SUMMARY })
        ?.head.order.judge;
    expect(read({ kind: 'endpoint', url: 'http://localhost/v1', model: 'm', apiKey: 'secret' })).not.toHaveProperty(
      'apiKey',
    );
    expect(read({ kind: 'human' })).toEqual({ kind: 'engine' });
  });
});
