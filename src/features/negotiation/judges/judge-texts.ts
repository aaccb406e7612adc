/** How judges are called, what they cost, and how far they can be trusted. */
import { assertNever } from '@/lib/assert.ts';
import { findWebLlmBuild, webLlmName } from '@/client/web-llm-models.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import type { JudgeConfig, RuleConfig } from '@/protocol/negotiation-api.ts';
import type { JudgeKind } from '@/state/judge-form.ts';
import { hostOfUrl } from '@/state/server-url.ts';

interface JudgeKindText {
  readonly name: string;
  readonly what: string;
  readonly cost: string;
  readonly trust: string;
}

/** In the order in which they are offered. */
export const JUDGE_KINDS: Readonly<Record<JudgeKind, JudgeKindText>> = {
  engine: {
    name: 'This model, adapter off',
    what: 'The loaded model reads the rubric and the answer once; the score is the mean of the digits 0 to 5 under its probabilities.',
    cost: 'one reading, no further model',
    trust: 'as good as the model: small ones are noisy',
  },
  endpoint: {
    name: 'OpenAI-compatible server',
    what: 'A model behind an address: Ollama, LM Studio, llama.cpp or vLLM on your network, or a paid service.',
    cost: 'one request an answer; paid services charge for it',
    trust: 'the most with a large model',
  },
  webLlm: {
    name: 'web-llm',
    what: 'A second engine in this page with a model of its own, beside the one that negotiates.',
    cost: 'a large download, and GPU memory',
    trust: 'fair from 1.7B on',
  },
  rule: {
    name: 'Rule',
    what: 'Counts words. It knows nothing of Collective Agency, and is there for checks and for training that must show an effect.',
    cost: 'nothing',
    trust: 'exact, and about something else',
  },
  human: {
    name: 'A person',
    what: 'You read each answer and press a digit.',
    cost: 'your time',
    trust: 'the most, if you are consistent',
  },
};

export const RULE_NAMES: Readonly<Record<RuleConfig['kind'], string>> = {
  personas: 'Both goals are taken up',
  word: 'A word occurs',
  length: 'A wanted length',
};

/** A judge in a few words, as in "Judge: this model, adapter off". */
export function nameOfJudge(judge: JudgeConfig): string {
  switch (judge.kind) {
    case 'engine':
      return 'this model, adapter off';
    case 'endpoint':
      return `${judge.model} at ${hostOfUrl(judge.url)}`;
    case 'webLlm':
      return `${webLlmName(judge.model)}, web-llm`;
    case 'rule':
      return `rule, ${nameOfRule(judge.rule)}`;
    case 'human':
      return 'a person';
    default:
      return assertNever(judge);
  }
}

function nameOfRule(rule: RuleConfig): string {
  if (rule.kind === 'word') return `the word “${rule.word}”`;
  return rule.kind === 'length' ? `${rule.words} words` : 'both goals taken up';
}

/** Parameters, reckoned from the shape; input and output embedding are one. */
export function numParametersOf(model: ModelInfo): number {
  const { vocabSize, hiddenSize, intermediateSize, numHiddenLayers, headDim } = model;
  const queries = hiddenSize * model.numAttentionHeads * headDim;
  const keys = hiddenSize * model.numKeyValueHeads * headDim;
  const layer = 2 * queries + 2 * keys + 3 * hiddenSize * intermediateSize;
  return vocabSize * hiddenSize + numHiddenLayers * layer;
}

/** Below it, a model is a poor judge. */
const SMALL_MODEL = 1e9;

export function isSmall(model: ModelInfo): boolean {
  return numParametersOf(model) < SMALL_MODEL;
}

/** 135 M, 1.7 B. */
export function parametersText(count: number): string {
  return count < 999.5e6 ? `${Math.round(count / 1e6)} M` : `${(count / 1e9).toFixed(1)} B`;
}

/** How far to trust it, in a word. Empty where that is for the visitor to know. */
export function trustOf(judge: JudgeConfig, model: ModelInfo | null): string {
  switch (judge.kind) {
    case 'engine':
      if (model === null) return 'no model yet';
      return isSmall(model) ? 'noisy' : '';
    case 'webLlm': {
      const megabytes = findWebLlmBuild(judge.model)?.build.megabytes ?? Infinity;
      return megabytes < 2000 ? 'noisy' : '';
    }
    case 'rule':
      return 'for checks';
    case 'endpoint':
    case 'human':
      return '';
    default:
      return assertNever(judge);
  }
}
