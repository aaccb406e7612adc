import type { ModelInfo } from '@/protocol/model.ts';

/** First questions that a model without training to think, or of a few hundred million parameters, can answer. */
const SHORT_QUESTIONS: readonly string[] = [
  'What is the capital of France?',
  'Why do leaves change colour in autumn?',
  'Give me three tips for sleeping well.',
];

/** First questions that are worth a thought. */
const STEPWISE_QUESTIONS: readonly string[] = [
  'A farmer has 17 sheep, buys 25 and sells 9. How many are left?',
  'Ann is older than Ben, and Cleo is younger than Ben. Who is the oldest?',
  'It is 14:40 and the trip takes 145 minutes. When do I arrive?',
];

const SMALL_PARAMETERS = 500e6;

type Sizes = Pick<
  ModelInfo,
  | 'vocabSize'
  | 'hiddenSize'
  | 'intermediateSize'
  | 'numHiddenLayers'
  | 'numAttentionHeads'
  | 'numKeyValueHeads'
  | 'headDim'
>;

/** Weights of the embedding and the layers' matrices; norms and biases do not count. */
export function parameterCount(sizes: Sizes): number {
  const { vocabSize, hiddenSize, intermediateSize, numHiddenLayers, headDim } = sizes;
  const attention = 2 * hiddenSize * headDim * (sizes.numAttentionHeads + sizes.numKeyValueHeads);
  return vocabSize * hiddenSize + numHiddenLayers * (attention + 3 * hiddenSize * intermediateSize);
}

/** @param info  null while no model is ready */
export function starterQuestions(info: (Sizes & Pick<ModelInfo, 'hasThinkTokens'>) | null): readonly string[] {
  const isSmall = info === null || !info.hasThinkTokens || parameterCount(info) < SMALL_PARAMETERS;
  return isSmall ? SHORT_QUESTIONS : STEPWISE_QUESTIONS;
}
