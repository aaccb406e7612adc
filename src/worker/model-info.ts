import type { GpuModel } from '@/engine/generation/gpu-model.ts';
import type { OpenedModel } from '@/engine/loading/open-model.ts';
import { QuantizedWeights } from '@/engine/loading/quantized-weights.ts';
import type { ModelInfo } from '@/protocol/model.ts';

/** Identifies a model's weights as they are on the GPU. */
export function weightsKeyOf({ sha256, name, fileBytes, quantization }: ModelInfo): string {
  return [sha256 ?? `${name} ${fileBytes}`, quantization?.kind ?? 'as stored'].join(' ');
}

/** What the page is told of a model that was loaded. */
export function modelInfoOf(opened: OpenedModel, gpuModel: GpuModel): ModelInfo {
  const { config, tokenizer } = opened;
  return {
    ...config,
    id: opened.id,
    name: opened.name,
    format: opened.format,
    license: opened.license,
    fileBytes: opened.fileBytes,
    sha256: opened.sha256,
    contextLength: gpuModel.decoder.contextLength,
    kvType: gpuModel.options.kvType,
    kernelShape: gpuModel.tuning.kernelShape,
    tensorTypes: opened.weights.tensorTypes(),
    quantization: opened.weights instanceof QuantizedWeights ? opened.weights.report() : null,
    hasChatTemplate: opened.chatTemplate !== null,
    eosTokenId: tokenizer.eosTokenId,
    hasThinkTokens: tokenizer.idOf('<think>') !== undefined && tokenizer.idOf('</think>') !== undefined,
    speed: null,
    hasThinkingSwitch: opened.chatTemplate?.includes('enable_thinking') ?? false,
  };
}
