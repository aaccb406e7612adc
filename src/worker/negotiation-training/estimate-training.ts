import { initialAdapter } from '@/engine/adapters/adapter-layout.ts';
import { profileModel } from '@/engine/generation/measure.ts';
import type { NegotiationTrainingEstimate, NegotiationTrainingPlan } from '@/protocol/negotiation-training.ts';
import { longestStep } from '@/research/negotiation/longest-rows.ts';
import { tasksOfStep } from '@/research/negotiation/negotiation-step.ts';
import { templatePrompts } from '@/research/negotiation/template-prompts.ts';
import { chatTokenizerOf } from '../chat/chat-tokenizer-of.ts';
import { estimateStep } from '../training/estimate-step.ts';
import type { TrainableModel } from '../training/trainable-model.ts';

/** Tokens of the probe's prompt, and steps of generation. */
const PROBE = { promptTokens: 32, decodeSteps: 3 };
/** The decoder takes no more rows in one forward. */
const MAX_ROWS = 16;

/**
 * Of the longest step that the plan allows: every dialogue uses all its turns and tokens. Reading, writing and one layer of
 * the update are timed on this device, with an adapter of its own that is gone afterwards.
 */
export async function estimateNegotiationTraining(
  plan: NegotiationTrainingPlan,
  model: TrainableModel,
  signal: AbortSignal,
): Promise<NegotiationTrainingEstimate> {
  const { settings, training, steps, groupsPerStep, judge } = plan;
  const tasks = tasksOfStep(plan.dilemmas, plan.pairs, { seed: settings.seed, stepsBefore: 0, groupsPerStep });
  const tokenizer = chatTokenizerOf(model.opened);
  const longest = longestStep(plan, tasks, tokenizer, templatePrompts(plan.templates));
  const { gpuModel } = model;
  using adapter = gpuModel.createAdapter(plan.lora, initialAdapter(plan.lora, gpuModel.config, 0).tensors);
  using trainer = gpuModel.createTrainer(adapter);
  const update = await estimateStep(model, trainer, longest.rows, training, signal);
  const rows = Math.min(MAX_ROWS, settings.groupSize);
  const probe = await profileModel(gpuModel, { ...PROBE, rows }, signal);
  const readSeconds = probe.prefillMs / 1000 / PROBE.promptTokens;
  const stepSeconds = Math.min(...probe.stepMs) / 1000;
  const waves = Math.ceil(settings.groupSize / MAX_ROWS);
  // Other judges take their own time, which nobody knows before.
  const judgeSeconds = judge.kind === 'engine' ? longest.judged * readSeconds : 0;
  const rollout = longest.read * readSeconds + waves * longest.steps * stepSeconds;
  // Reading the rows once more is a forward, about a third of an update.
  const updateSeconds = update.secondsPerStep * (plan.measuresChange ? 4 / 3 : 1);
  const step = rollout + judgeSeconds + updateSeconds;
  const longestRow = longest.rows.reduce(
    (most, { promptIds, completionIds }) => Math.max(most, promptIds.length + completionIds.length),
    0,
  );
  return {
    update,
    seconds: { rollout, judge: judgeSeconds, update: updateSeconds, step, run: step * steps },
    tokens: {
      read: longest.read + longest.judged,
      written: longest.written,
      trained: longest.rows.reduce((sum, { completionIds }) => sum + completionIds.length, 0),
    },
    context: { needed: longestRow, free: gpuModel.decoder.freeTokens },
  };
}
