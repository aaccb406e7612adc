/**
 * Adapters in PEFT's format: adapter_config.json and adapter_model.safetensors. Rows of q and k stand in Hugging Face's
 * half-split order, in which the engine keeps them too.
 */
import { LORA_TARGETS, type LoraConfig, type NamedTensor } from '@/protocol/training.ts';
import { numElements } from '@/engine/loading/safetensors-header.ts';
import { adapterLayout, type Adapter, type AdapterShape, type AdapterTensor } from './adapter-layout.ts';
import { invalidAdapter } from './invalid-adapter.ts';
import { formatPeftConfig, parsePeftConfig } from './peft-config.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

export const PEFT_CONFIG_NAME = 'adapter_config.json';
export const PEFT_WEIGHTS_NAME = 'adapter_model.safetensors';

export interface PeftFiles {
  /** adapter_config.json. */
  readonly config: Uint8Array<ArrayBuffer>;
  /** adapter_model.safetensors. */
  readonly weights: Uint8Array<ArrayBuffer>;
}

export interface ImportedAdapter extends Adapter {
  /** What the file says it was trained on; null: nothing. */
  readonly baseModelName: string | null;
}

/** @param baseModelName base_model_name_or_path, which PEFT uses to find the model */
export function writePeft(adapter: Adapter, baseModelName: string): PeftFiles {
  return {
    config: new TextEncoder().encode(formatPeftConfig(adapter.config, baseModelName)),
    weights: writeAdapterWeights(adapter.tensors),
  };
}

/** adapter_model.safetensors in f32, in the order in which Python's library writes. */
export function writeAdapterWeights(tensors: readonly NamedTensor[]): Uint8Array<ArrayBuffer> {
  const sorted = tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return writeSafetensors(sorted, { metadata: { format: 'pt' } });
}

/**
 * Reads an adapter for a model. Modules that it has no tensors for are zero, which changes nothing.
 *
 * @param files  borrowed
 * @throws {Failure} invalidAdapter, with the field or tensor and what to do
 */
export function readPeft(files: PeftFiles, shape: AdapterShape): ImportedAdapter {
  const { config, baseModelName } = parsePeftConfig(new TextDecoder().decode(files.config), PEFT_CONFIG_NAME);
  return { config, tensors: readAdapterWeights(files.weights, config, shape), baseModelName };
}

/**
 * @param bytes  adapter_model.safetensors; borrowed
 * @returns      in the order of `adapterLayout`
 * @throws {Failure} invalidAdapter
 */
export function readAdapterWeights(bytes: Uint8Array, config: LoraConfig, shape: AdapterShape): NamedTensor[] {
  const { tensors } = readSafetensors(bytes, PEFT_WEIGHTS_NAME);
  if (tensors.length === 0)
    throw invalidAdapter(PEFT_WEIGHTS_NAME, 'The file has no tensors. Save the adapter with save_pretrained again.');
  const layout = adapterLayout(config, shape);
  const expected = new Map(layout.map((tensor) => [tensor.name, tensor]));
  const found = new Map<string, NamedTensor>();
  for (const tensor of tensors) {
    const place = expected.get(tensor.name);
    if (place === undefined) throw unexpectedTensor(tensor.name, config, shape);
    checkTensor(tensor, place);
    found.set(tensor.name, tensor);
  }
  return layout.map(({ name, shape: size, matrix }) => {
    const partner = name.replace(`.lora_${matrix}.`, matrix === 'A' ? '.lora_B.' : '.lora_A.');
    if (found.has(name) && !found.has(partner))
      throw invalidAdapter(
        PEFT_WEIGHTS_NAME,
        `Tensor "${partner}" is missing, without which "${name}" means nothing. Save the adapter again.`,
      );
    return found.get(name) ?? { name, shape: size, values: new Float32Array(numElements(size)) };
  });
}

function checkTensor({ name, shape, values }: NamedTensor, place: AdapterTensor): void {
  if (shape.length !== 2 || shape[0] !== place.shape[0] || shape[1] !== place.shape[1])
    throw invalidAdapter(
      PEFT_WEIGHTS_NAME,
      `Tensor "${name}" has shape [${shape.join(', ')}]; rank and loaded model need [${place.shape.join(', ')}]. Load the model that the adapter was trained on.`,
    );
  if (!values.every(Number.isFinite))
    throw invalidAdapter(
      PEFT_WEIGHTS_NAME,
      `Tensor "${name}" has values that are not finite. Choose an earlier checkpoint of that training, or save it in F32.`,
    );
}

function unexpectedTensor(name: string, config: LoraConfig, shape: AdapterShape): Error {
  const layer = Number(/^base_model\.model\.model\.layers\.(\d+)\./.exec(name)?.[1] ?? -1);
  if (layer >= shape.numHiddenLayers)
    return invalidAdapter(
      PEFT_WEIGHTS_NAME,
      `Tensor "${name}" is of layer ${layer}, but the loaded model has ${shape.numHiddenLayers} layers. Load the model that the adapter was trained on.`,
    );
  const all = adapterLayout({ ...config, targetModules: LORA_TARGETS }, shape);
  const module = all.find((tensor) => tensor.name === name)?.target;
  if (module !== undefined)
    return invalidAdapter(
      PEFT_WEIGHTS_NAME,
      `Tensor "${name}" is of ${module}, which target_modules does not name. Take both files from the same adapter.`,
    );
  return invalidAdapter(
    PEFT_WEIGHTS_NAME,
    `Tensor "${name}" has no place in a LoRA adapter of this model. Save plain LoRA matrices with save_pretrained.`,
  );
}
