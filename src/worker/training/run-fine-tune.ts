import { z } from 'zod';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { renderChatTemplate } from '@/engine/tokenizer/chat-template.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { DEFAULT_FINE_TUNE } from '@/protocol/training-api.ts';
import type { FineTuneEstimate, FineTuneEvent, FineTuneRequest, FineTuneSummary } from '@/protocol/training-api.ts';
import { checkTrainingSettings } from '@/protocol/training-schema.ts';
import type { StepReport, TrainingRow, TrainingSettings } from '@/protocol/training.ts';
import { exampleOrder, fineTune } from '@/research/sft/fine-tune.ts';
import { readExamples } from '@/research/sft/read-examples.ts';
import type { ExampleTokenizer, SupervisedExamples } from '@/research/sft/read-examples.ts';
import { checkRequest } from '../request-schemas.ts';
import type { Checkpoints } from './checkpoints.ts';
import { estimateStep, refuseUnlessFits } from './estimate-step.ts';
import { progressOf } from './step-progress.ts';
import type { TrainableModel } from './trainable-model.ts';

const requestSchema = z.looseObject({
  data: z.string(),
  steps: z.int().min(1).max(100_000),
  examplesPerStep: z.int().min(1).max(256).optional(),
  maxTokens: z.int().min(2).optional(),
  checkpointEvery: z.int().min(0).optional(),
});

const RUN_ID = 'fine-tune';
const MAX_NOTES_SHOWN = 20;

interface Prepared {
  readonly examples: readonly TrainingRow[];
  readonly settings: TrainingSettings;
  readonly firstBatch: readonly TrainingRow[];
  readonly read: Omit<FineTuneEstimate, 'estimate'>;
}

/** What a request would train on and what its first step takes, whether it fits or not. */
export async function estimateFineTune(
  model: TrainableModel,
  request: FineTuneRequest,
  signal: AbortSignal,
): Promise<FineTuneEstimate> {
  const { firstBatch, settings, read } = prepare(model, request, 'estimateFineTune');
  return model.training.exclusively(async (trainer) => ({
    ...read,
    estimate: await estimateStep(model, trainer, firstBatch, settings, signal),
  }));
}

/** Supervised fine-tuning of the attached adapter. However it ends, its finished steps are kept. */
export async function runFineTune(
  model: TrainableModel,
  request: FineTuneRequest,
  checkpoints: Checkpoints,
  signal: AbortSignal,
  emit: (event: FineTuneEvent) => void,
): Promise<FineTuneSummary> {
  const { examples, settings, firstBatch, read } = prepare(model, request, 'fineTune');
  const { steps, examplesPerStep = DEFAULT_FINE_TUNE.examplesPerStep, checkpointEvery = 10 } = request;
  const { training } = model;
  return training.exclusively(async (trainer) => {
    refuseUnlessFits(model, trainer, firstBatch, settings);
    const estimate = await estimateStep(model, trainer, firstBatch, settings, signal);
    emit({ kind: 'read', ...read, estimate });

    const firstStep = training.step;
    const reports: StepReport[] = [];
    const startMs = performance.now();
    let dataPosition = 0;
    let numSaved = 0;
    const save = async (): Promise<void> => {
      const metrics = reports.map(({ loss, gradNorm, learningRate }) => ({
        loss,
        grad_norm: gradNorm,
        learning_rate: learningRate,
      }));
      const state = { rngState: [settings.seed], dataPosition, settings: { ...settings }, metrics };
      emit({ kind: 'saved', checkpoint: await checkpoints.save(training, trainer, RUN_ID, state) });
      numSaved = reports.length;
    };
    const observed = progressOf(trainer, model, settings, (progress) =>
      emit({ kind: 'progress', step: firstStep + reports.length + 1, progress }),
    );
    const plan = { examples, settings, examplesPerStep, firstStep, numSteps: steps, dataPosition };
    try {
      for await (const { report, dataPosition: position } of fineTune(observed, plan, signal)) {
        reports.push(report);
        dataPosition = position;
        await training.setStep(report.step);
        const { step, loss, gradNorm, learningRate, stepMs } = report;
        const secondsLeft = ((performance.now() - startMs) / reports.length / 1000) * (steps - reports.length);
        emit({ kind: 'stepped', step, loss, gradNorm, learningRate, stepMs, secondsLeft });
        if (checkpointEvery > 0 && reports.length % checkpointEvery === 0 && reports.length < steps) await save();
      }
    } catch (error) {
      // Stopped or diverged: what was trained is not lost with the page. A lost device has nothing to save.
      if (reports.length > numSaved) await save().catch(() => undefined);
      throw error;
    }
    await save();
    return {
      steps: reports.length,
      firstLoss: reports[0]?.loss ?? Number.NaN,
      lastLoss: reports.at(-1)?.loss ?? Number.NaN,
    };
  });
}

function prepare(model: TrainableModel, request: FineTuneRequest, call: string): Prepared {
  checkRequest(requestSchema, request, call);
  const { examplesPerStep = DEFAULT_FINE_TUNE.examplesPerStep, maxTokens = DEFAULT_FINE_TUNE.maxTokens } = request;
  const settings: TrainingSettings = {
    ...checkTrainingSettings({ learningRate: DEFAULT_FINE_TUNE.learningRate, ...request.settings }, call),
    lossType: 'sft',
  };
  const found = readExamples(request.data, tokenizerOf(model), maxTokens);
  const examples = examplesOf(found);
  const order = exampleOrder(examples.length, settings.seed, 0, examplesPerStep);
  return {
    examples,
    settings,
    firstBatch: order.map((index) => at(examples, index)),
    read: { numExamples: examples.length, numTokens: countTokens(examples), notes: notesOf(found) },
  };
}

function examplesOf(read: SupervisedExamples): readonly TrainingRow[] {
  if (read.rows.length > 0) return read.rows;
  const [problem] = read.problems;
  const reason = problem === undefined ? 'There is none.' : `Line ${problem.line}: ${problem.reason}`;
  throw new Failure<FailureCode>('invalidConfig', `data: no example can be used. ${reason}`);
}

function notesOf({ problems, notes, numLeftOut }: SupervisedExamples): string[] {
  const left = numLeftOut > 0 ? [`${numLeftOut} examples were left out.`] : [];
  const lines = [...problems, ...notes].slice(0, MAX_NOTES_SHOWN).map(({ line, reason }) => `Line ${line}: ${reason}`);
  return [...left, ...lines];
}

function countTokens(examples: readonly TrainingRow[]): number {
  return examples.reduce((sum, { promptIds, completionIds }) => sum + promptIds.length + completionIds.length, 0);
}

function tokenizerOf({ opened: { tokenizer, chatTemplate } }: TrainableModel): ExampleTokenizer {
  const pieceOf = (id: number | null): string => (id === null ? '' : (tokenizer.pieceOf(id) ?? ''));
  return {
    bosTokenId: tokenizer.bosTokenId,
    eosTokenId: tokenizer.eosTokenId,
    addBos: tokenizer.addBos,
    encode: (text, options) => tokenizer.encode(text, options),
    ...(chatTemplate !== null && {
      renderChat: (messages, { addGenerationPrompt }) =>
        renderChatTemplate(chatTemplate, messages, {
          addGenerationPrompt,
          bosToken: pieceOf(tokenizer.bosTokenId),
          eosToken: pieceOf(tokenizer.eosTokenId),
        }),
    }),
  };
}
