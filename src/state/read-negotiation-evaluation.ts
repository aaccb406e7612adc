/** Evaluations as they come from a file or from storage: everything is checked before anything is shown. */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import { checkInput } from '@/protocol/check-input.ts';
import { BUILT_IN_SETS } from '@/protocol/evaluation.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { dilemmaSchema, personaPairSchema } from '@/protocol/negotiation/schema.ts';
import type {
  EvaluationPiece,
  NegotiationEvaluationReport,
  NegotiationEvaluationSummary,
} from '@/protocol/negotiation-evaluation.ts';
import { negotiationSettingsSchema } from '@/protocol/negotiation-settings.ts';
import { readJudgeChoice } from './judge-form.ts';
import { isTemplateId } from './material-templates.ts';
import { machineJudge, type NegotiationEvaluationOrder } from './negotiation-evaluation-form.ts';
import type { KeptNegotiationEvaluation, NegotiationEvaluationHead } from './negotiation-evaluation-view.ts';
import { dialogueSchema } from './read-group-record.ts';

/** Bytes. */
export const MAX_EVALUATION_FILE = 256_000_000;

const MAX_PIECES = 100_000;
const MAX_ROWS = 10_000;

const count = z.int().min(0).max(1_000_000);
const share = z.number().min(0).max(1);
const name = z.string().min(1).max(300);
const text = z.string().max(200_000);
const reason = z.string().max(2000);
const list = <Item extends z.ZodType>(item: Item, most: number): z.ZodArray<Item> => z.array(item).max(most);
const set = z.enum(['conflict', 'open']);
const decoding = z.enum(['greedy', 'sampling']);
const aspect = z.enum(['caAlignment', 'conflictResolution']);
const builtInSet = z.enum(BUILT_IN_SETS);
const interval = z.strictObject({ low: share, high: share });
const repeated = z.strictObject({ mean: z.number(), sd: z.number().min(0).nullable(), count });

const choiceSchema = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('chosen'),
    answer: z.enum(['A', 'B']),
    pA: share.exactOptional(),
    raw: text.exactOptional(),
  }),
  z.strictObject({ state: z.literal('unreadable'), reason, raw: text }),
]);

const where = { set, decoding, repetition: count, dilemmaId: name };

const pieceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('dialogue'),
    contestant: name,
    ...where,
    pairId: name.nullable(),
    record: dialogueSchema,
  }),
  z.strictObject({
    kind: z.literal('pairwise'),
    left: name,
    right: name,
    aspect,
    ...where,
    verdict: z.strictObject({
      winner: z.enum(['left', 'right', 'inconsistent', 'unreadable']),
      answers: z.tuple([choiceSchema, choiceSchema]),
    }),
  }),
  z.strictObject({
    kind: z.literal('ability'),
    contestant: name,
    set: builtInSet,
    itemId: name,
    text,
    extracted: text.nullable(),
    isCorrect: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('perplexity'),
    contestant: name,
    numTokens: count,
    natsPerToken: z.number().min(0),
  }),
]) satisfies z.ZodType<EvaluationPiece>;

const summarySchema = z.strictObject({
  contestants: list(
    z.strictObject({
      contestant: name,
      set,
      decoding,
      count,
      meanScore: repeated.nullable(),
      unreadable: count,
      agreement: z.strictObject({ value: share, interval }).nullable(),
      rounds: repeated.nullable(),
    }),
    MAX_ROWS,
  ),
  winRates: list(
    z.strictObject({
      left: name,
      right: name,
      aspect,
      set,
      decoding,
      wins: count,
      losses: count,
      inconsistent: count,
      unreadable: count,
      winRate: share.nullable(),
      interval: interval.nullable(),
      perRepetition: repeated.nullable(),
    }),
    MAX_ROWS,
  ),
  ability: list(
    z.strictObject({ contestant: name, set: builtInSet, count, correct: count, interval: interval.nullable() }),
    MAX_ROWS,
  ),
  perplexity: list(z.strictObject({ contestant: name, numTokens: count, perplexity: z.number().min(0) }), MAX_ROWS),
}) satisfies z.ZodType<NegotiationEvaluationSummary>;

const commonPlan = {
  contestants: list(
    z.strictObject({
      name,
      adapterId: z.string().max(200).nullable(),
      role: z.enum(['base', 'single', 'multi']).nullable(),
    }),
    8,
  )
    .min(1)
    .refine((all) => new Set(all.map((one) => one.name)).size === all.length, { error: 'Two have the same name' }),
  dilemmas: list(dilemmaSchema, 1000).min(1),
  pairs: list(personaPairSchema, 1000),
  sets: list(set, 2).min(1),
  decodings: list(decoding, 2).min(1),
  repetitions: z.int().min(1).max(1000),
  settings: negotiationSettingsSchema,
  templates: z.record(z.string().max(100).refine(isTemplateId, { error: 'There is no such prompt' }), text),
  ability: z.strictObject({ sets: list(builtInSet, 3), itemsPerSet: count, text: text.exactOptional() }).nullable(),
  seed: z.int().min(0).max(0xffff_ffff),
};

const planSchema = z.strictObject({ ...commonPlan, judge: name, pairwiseJudge: name.nullable() });

const contextFields = {
  createdAt: z.iso.datetime({ offset: true }),
  model: z.strictObject({ name: z.string().max(2000), key: z.string().max(2000) }),
  device: z.string().max(2000),
};

const reportSchema = z.strictObject({
  format: z.literal('duet-negotiation-evaluation-1', {
    error: 'Is not "duet-negotiation-evaluation-1": this is no report of an evaluation of negotiations',
  }),
  ...contextFields,
  plan: planSchema,
  pieces: list(pieceSchema, MAX_PIECES),
  summary: summarySchema,
}) satisfies z.ZodType<NegotiationEvaluationReport>;

const headSchema = z.strictObject({
  format: z.literal('duet-negotiation-evaluation-head-1'),
  order: z.strictObject({
    ...commonPlan,
    judge: z.unknown().transform((stored) => machineJudge(readJudgeChoice(stored))),
    isCompared: z.boolean(),
  }) satisfies z.ZodType<NegotiationEvaluationOrder>,
  context: z.strictObject(contextFields),
}) satisfies z.ZodType<NegotiationEvaluationHead>;

const CALL = 'The report';

/**
 * A report from a file's text.
 *
 * @throws {Failure} 'invalidConfig' naming the field
 */
export function readNegotiationReport(content: string): NegotiationEvaluationReport {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw refusal('the file is no JSON. Choose a file that "Save as JSON" has written');
  }
  const report = checkInput(reportSchema, value, CALL);
  const problem = report.pieces
    .map((piece, index) => pieceProblem(piece, index, report))
    .find((found) => found !== null);
  if (problem !== undefined) throw refusal(problem);
  return report;
}

/** A piece of somebody, or about something, that the plan does not name; null: none. */
function pieceProblem(
  piece: EvaluationPiece,
  index: number,
  { plan: { contestants, dilemmas } }: NegotiationEvaluationReport,
): string | null {
  const names = piece.kind === 'pairwise' ? [piece.left, piece.right] : [piece.contestant];
  const stranger = names.find((one) => !contestants.some((contestant) => contestant.name === one));
  if (stranger !== undefined) return `pieces.${index}: the plan has no contestant “${stranger}”`;
  const hasDilemma = piece.kind === 'dialogue' || piece.kind === 'pairwise';
  if (!hasDilemma || dilemmas.some(({ id }) => id === piece.dilemmaId)) return null;
  return `pieces.${index}.dilemmaId: the plan has no dilemma “${piece.dilemmaId}”`;
}

/** What storage holds; null where its head cannot be read. Pieces that cannot be read are left out, and made again. */
export function readKeptEvaluation(kept: {
  readonly head: unknown;
  readonly pieces: readonly unknown[];
  readonly summary: unknown;
}): KeptNegotiationEvaluation | null {
  const head = headSchema.safeParse(kept.head);
  const summary = summarySchema.safeParse(kept.summary);
  if (!head.success || !summary.success) return null;
  const pieces = kept.pieces.flatMap((stored) => {
    const piece = pieceSchema.safeParse(stored);
    return piece.success ? [piece.data] : [];
  });
  return { head: head.data, pieces, summary: summary.data };
}

function refusal(fault: string): Failure<FailureCode> {
  return new Failure('invalidConfig', `${CALL}: ${fault}.`);
}
