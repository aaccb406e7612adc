/**
 * Checkpoints of training: all that the next step depends on, in one safetensors file. Tensors are `param.*`,
 * `exp_avg.*` and `exp_avg_sq.*`, with PEFT's names behind; the rest is JSON in the metadata's `duet_checkpoint`.
 */
import { z } from 'zod';
import type { LoraConfig, NamedTensor } from '@/protocol/training.ts';
import { adapterLayout, type AdapterShape } from './adapter-layout.ts';
import { invalidAdapter } from './invalid-adapter.ts';
import { storedLoraConfigSchema } from './lora-config-schema.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

const VERSION = 1;
const METADATA_KEY = 'duet_checkpoint';
const PREFIXES = { params: 'param.', expAvg: 'exp_avg.', expAvgSq: 'exp_avg_sq.' } as const;

/** JSON has no numbers beyond the finite ones. */
const metricSchema = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

const recordSchema = z.object({
  version: z.literal(VERSION),
  adapter: storedLoraConfigSchema,
  step: z.int().min(0),
  rngState: z.array(z.int().min(0).max(0xffffffff)),
  dataPosition: z.int().min(0),
  settings: z.record(z.string(), z.unknown()),
  metrics: z.array(z.record(z.string(), metricSchema)),
  createdAt: z.iso.datetime(),
});

/** Lists of tensors are in the order of `adapterLayout`, under PEFT's names. */
export interface Checkpoint {
  readonly adapter: LoraConfig;
  readonly params: readonly NamedTensor[];
  /** AdamW's first and second moments. */
  readonly expAvg: readonly NamedTensor[];
  readonly expAvgSq: readonly NamedTensor[];
  /** Updates made so far. */
  readonly step: number;
  /** Words of the run's random generators, 32 bits each. */
  readonly rngState: readonly number[];
  /** Groups of rollouts that the run has taken from its data. */
  readonly dataPosition: number;
  /** The run's settings as JSON; who reads them checks them. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** One entry a step, by TRL's names. */
  readonly metrics: readonly Readonly<Record<string, number>>[];
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export function writeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { params, expAvg, expAvgSq, metrics, ...rest } = checkpoint;
  const storable = metrics.map((step) =>
    Object.fromEntries(Object.entries(step).map(([name, value]) => [name, storableNumber(value)])),
  );
  const record = JSON.stringify({ version: VERSION, ...rest, metrics: storable });
  const tensors = [
    ...renamed(params, PREFIXES.params),
    ...renamed(expAvg, PREFIXES.expAvg),
    ...renamed(expAvgSq, PREFIXES.expAvgSq),
  ];
  return writeSafetensors(tensors, { metadata: { [METADATA_KEY]: record } });
}

function storableNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function renamed(tensors: readonly NamedTensor[], prefix: string): NamedTensor[] {
  return tensors.map((tensor) => ({ ...tensor, name: prefix + tensor.name }));
}

/**
 * Reads a checkpoint for a model. Values need not be finite: what was trained to NaN comes back as that.
 *
 * @param bytes     borrowed
 * @param fileName  for messages
 * @throws {Failure} invalidAdapter, with what to do
 */
export function readCheckpoint(bytes: Uint8Array, fileName: string, shape: AdapterShape): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes, fileName);
  const { version: _, ...record } = parseRecord(metadata[METADATA_KEY], fileName);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const layout = adapterLayout(record.adapter, shape);
  const take = (prefix: string): NamedTensor[] =>
    layout.map(({ name, shape: size }) => {
      const tensor = byName.get(prefix + name);
      if (tensor === undefined || tensor.shape.join() !== size.join())
        throw invalidAdapter(
          fileName,
          `Tensor "${prefix}${name}" of shape [${size.join(', ')}] is missing. Load the model that the checkpoint was made with.`,
        );
      return { ...tensor, name };
    });
  const { params, expAvg, expAvgSq } = PREFIXES;
  const checkpoint = { ...record, params: take(params), expAvg: take(expAvg), expAvgSq: take(expAvgSq) };
  if (tensors.length !== 3 * layout.length)
    throw invalidAdapter(
      fileName,
      `The file has ${tensors.length} tensors instead of ${3 * layout.length}. Load the model that the checkpoint was made with.`,
    );
  return checkpoint;
}

function parseRecord(text: string | undefined, fileName: string): z.infer<typeof recordSchema> {
  if (text === undefined)
    throw invalidAdapter(
      fileName,
      'This is not a checkpoint of Duet. Import it as an adapter, or choose another file.',
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalidAdapter(fileName, `Its ${METADATA_KEY} is not JSON. Choose another checkpoint.`);
  }
  const parsed = recordSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidAdapter(
    fileName,
    `Its ${METADATA_KEY} cannot be used: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}. Choose another checkpoint, or open it with the version of Duet that wrote it.`,
  );
}
