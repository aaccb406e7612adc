/** What the form of a new adapter holds, what is wrong with it, and what it would take. */
import type { ModelInfo } from '@/protocol/model.ts';
import { DEFAULT_LORA, LORA_TARGETS, type LoraConfig, type LoraTarget } from '@/protocol/training.ts';

export const MAX_NAME_LENGTH = 80;
const MAX_RANK = 64;

/** Weights, gradients and the optimiser's two moments, in f32. */
const TRAINING_BYTES_PER_PARAMETER = 16;

/** Null where a number field is empty. */
export interface LoraForm {
  readonly name: string;
  readonly r: number | null;
  readonly loraAlpha: number | null;
  readonly loraDropout: number | null;
  readonly useRslora: boolean;
  readonly targetModules: readonly LoraTarget[];
}

export type LoraProblems = Readonly<Partial<Record<keyof LoraForm, string>>>;

export function firstLoraForm(name: string): LoraForm {
  return { name, ...DEFAULT_LORA };
}

/** By field, as the form writes them below the inputs. */
export function problemsOfLora({ name, r, loraAlpha, loraDropout, targetModules }: LoraForm): LoraProblems {
  const { length } = name.trim();
  return {
    ...(!isBetween(length, 1, MAX_NAME_LENGTH) && { name: `1 to ${MAX_NAME_LENGTH} characters.` }),
    ...(!(isBetween(r, 1, MAX_RANK) && Number.isInteger(r)) && { r: `A whole number, 1 to ${MAX_RANK}.` }),
    ...(!isBetween(loraAlpha, Number.MIN_VALUE, Infinity) && { loraAlpha: 'A number above 0.' }),
    ...(!(isBetween(loraDropout, 0, 1) && loraDropout !== 1) && { loraDropout: '0 to below 1.' }),
    ...(targetModules.length === 0 && { targetModules: 'Choose at least one.' }),
  };
}

function isBetween(value: number | null, min: number, max: number): boolean {
  return value !== null && value >= min && value <= max;
}

/** Null while a field has a problem. */
export function configOfLora(form: LoraForm): LoraConfig | null {
  const { r, loraAlpha, loraDropout, useRslora, targetModules } = form;
  if (Object.keys(problemsOfLora(form)).length > 0 || r === null || loraAlpha === null || loraDropout === null)
    return null;
  return { r, loraAlpha, loraDropout, useRslora, targetModules };
}

type ModelShape = Pick<
  ModelInfo,
  'hiddenSize' | 'intermediateSize' | 'numHiddenLayers' | 'numAttentionHeads' | 'numKeyValueHeads' | 'headDim'
>;

/** Inputs and outputs of a module. */
function widthsOf(target: LoraTarget, model: ModelShape): readonly [number, number] {
  const { hiddenSize, intermediateSize, headDim } = model;
  const queries = model.numAttentionHeads * headDim;
  const keys = model.numKeyValueHeads * headDim;
  const widths: Readonly<Record<LoraTarget, readonly [number, number]>> = {
    q_proj: [hiddenSize, queries],
    k_proj: [hiddenSize, keys],
    v_proj: [hiddenSize, keys],
    o_proj: [queries, hiddenSize],
    gate_proj: [hiddenSize, intermediateSize],
    up_proj: [hiddenSize, intermediateSize],
    down_proj: [intermediateSize, hiddenSize],
  };
  return widths[target];
}

/** Sum of r (in + out) over all adapted matrices, and the GPU bytes that training them takes. */
export function sizeOfLora(
  { r, targetModules }: Pick<LoraForm, 'r' | 'targetModules'>,
  model: ModelShape,
): { readonly numParameters: number; readonly trainingBytes: number } {
  const perRank = targetModules.reduce((sum, target) => {
    const [inputs, outputs] = widthsOf(target, model);
    return sum + inputs + outputs;
  }, 0);
  const numParameters = (r ?? 0) * perRank * model.numHiddenLayers;
  return { numParameters, trainingBytes: numParameters * TRAINING_BYTES_PER_PARAMETER };
}

/** "all modules", or the chosen ones without their common ending. */
export function targetsText(targets: readonly LoraTarget[]): string {
  if (targets.length === LORA_TARGETS.length) return 'all modules';
  return targets.map((target) => target.replace('_proj', '')).join(', ');
}

/** The first of "Adapter 1", "Adapter 2" ... that no adapter has. */
export function freeName(taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const name = `Adapter ${number}`;
    if (!taken.includes(name)) return name;
  }
}

/** A large number in short: 2.44 M, 921.6 k. */
export function formatCount(count: number): string {
  if (count < 1000) return String(count);
  return count < 1e6 ? `${(count / 1e3).toFixed(1)} k` : `${(count / 1e6).toFixed(2)} M`;
}
