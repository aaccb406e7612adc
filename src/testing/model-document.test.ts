/** Tables of docs/models.md that follow from the code. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bytesSource } from '../engine/loading/byte-source.ts';
import { openGguf } from '../engine/loading/gguf.ts';
import { QuantizedWeights } from '../engine/loading/quantized-weights.ts';
import { BLOCK_FORMATS, GGUF_TENSOR_TYPES, type TensorType } from '../engine/quantisation/gguf-blocks.ts';
import { LAYOUT_OF, packedWords } from '../engine/quantisation/weight-layout.ts';
import type { QuantizationKind } from '../engine/quantisation/quantize.ts';
import { CHAT_CAPABILITIES, type ChatCapability, type ChatCapabilityName } from '../protocol/chat.ts';
import type { QuantizationReport } from '../protocol/model.ts';
import { readGoldenBytes } from './gguf-golden.ts';

const readDocument = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const document = readDocument('models.md');

/** Cells of the first table below a heading, without the line of dashes. */
function tableBelow(heading: string): string[][] {
  const [, below = ''] = document.split(`\n## ${heading}\n`);
  const [table = ''] = /(?:^\|.*\n)+/m.exec(below) ?? [];
  const lines = table.trimEnd().split('\n');
  return lines
    .filter((_, i) => i !== 1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const CAPABILITIES: Readonly<Record<ChatCapabilityName, string>> = {
  kvBlocks: 'Thinking and Negotiation',
  logProbs: 'probabilities of what it wrote',
  promptLogProbs: 'probabilities of given text',
  gradients: 'training',
  adapters: 'LoRA adapters',
  sampleFilters: 'top k and min p',
  responseSchema: 'answers that follow a JSON schema',
  continueAnswer: 'an answer that goes on in place',
  streaming: 'words as they come',
  offline: 'without a network',
};

test('what each engine can do is what the code says', () => {
  const cell = ({ has, note }: ChatCapability): string =>
    has ? `yes. ${note}`.trim().replace(/^yes\.$/, 'yes') : 'no';
  const rows = Object.entries(CAPABILITIES).map(([name, label]) => [
    label,
    ...(['engine', 'webLlm', 'endpoint'] as const).map((kind) =>
      cell(CHAT_CAPABILITIES[kind][name as ChatCapabilityName]),
    ),
  ]);
  expect(tableBelow('What each engine can do').slice(1)).toEqual(rows);
});

/** Each type of a row takes the same room on the GPU. */
const ROWS: readonly (readonly TensorType[])[] = [
  ['F32'],
  ['F16'],
  ['BF16'],
  ['Q8_0'],
  ['Q5_0', 'Q5_1'],
  ['Q4_0', 'Q4_1'],
  ['Q6_K'],
  ['Q5_K'],
  ['Q4_K'],
  ['Q2_K', 'Q3_K'],
];

const bits = (value: number): string => String(Math.round(value * 100) / 100);

function gpuBits(type: TensorType): string {
  const [rows, columns] = [8, 256];
  const { values, scales } = packedWords({ ...LAYOUT_OF[type], rows, columns });
  return bits((32 * (values + scales)) / (rows * columns));
}

function fileBits(type: TensorType): string {
  const { blockBytes, blockValues } = BLOCK_FORMATS[type];
  return bits((8 * blockBytes) / blockValues);
}

test('what a weight takes is what is allocated for it', () => {
  expect(ROWS.flat().toSorted()).toEqual(GGUF_TENSOR_TYPES.toSorted());
  const rows = ROWS.map((types) => [
    types.join(', '),
    types.map(fileBits).join(', '),
    [...new Set(types.map(gpuBits))].join(', '),
  ]);
  // Here the scales are as they lie in the folder, two bytes each.
  const mlc = ['MLC’s q4f16_1, q4f32_1', bits(4 + 16 / 32), gpuBits('Q4_MLC')];
  expect(tableBelow('Formats').slice(1)).toEqual([...rows, mlc]);
});

async function quantizationOf(model: string, kind: QuantizationKind): Promise<QuantizationReport> {
  const bytes = readGoldenBytes(`tiny/${model}/tiny-${model}-F32.gguf`);
  using weights = new QuantizedWeights(await openGguf([bytesSource(model, bytes)]), kind);
  for (const name of weights.tensors.keys()) await weights.readTensor(name);
  const report = weights.report();
  if (report === null) throw new Error(`nothing of ${model} was quantised`);
  return report;
}

test('what quantising costs is what it costs the models that are named', async () => {
  const log = readDocument('experiments.md');
  for (const model of ['llama', 'qwen2', 'qwen3']) {
    const [, ...cells] = (new RegExp(`^\\| tiny ${model} .*$`, 'm').exec(log)?.[0] ?? '')
      .split('|')
      .map((cell) => cell.trim());
    const reports = [await quantizationOf(model, 'q8'), await quantizationOf(model, 'q4')];
    const errors = reports.map(
      ({ relativeError, worstRelativeError }) => `${relativeError.toFixed(4)} (${worstRelativeError.toFixed(4)})`,
    );
    expect(cells.slice(1, 3), model).toEqual(errors);
  }
  const q4 = await quantizationOf('llama', 'q4');
  const { relativeError, worstRelativeError, worstTensor } = q4;
  expect(document).toContain(
    `// { kind: 'q4', relativeError: ${relativeError.toFixed(4)}, worstRelativeError: ${worstRelativeError.toFixed(4)}, worstTensor: '${worstTensor}' }`,
  );
  const q8 = await quantizationOf('llama', 'q8');
  expect(document).toContain(
    `with \`q8\` they are ${q8.relativeError.toFixed(4)} and ${q8.worstRelativeError.toFixed(4)}.`,
  );
});
