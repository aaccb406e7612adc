/**
 * Adapters and fine-tuning of the scripted engine: kept in memory, with made-up losses. `&state=` picks the script:
 *
 *   adapters           two adapters, none attached       adapters-attached  the first one is attached
 *   adapters-slow      attached; steps take seconds      adapters-refused   only passes of 256 tokens fit
 *   adapters-diverge   attached; the third step diverges
 *
 * States of `scripted-negotiation-evaluation.ts` have the two adapters as well; every other one begins without adapters.
 * An import is refused unless it is called .zip.
 */
import { Failure } from '@/lib/failure.ts';
import { sleep } from '@/lib/sleep.ts';
import { serveRun } from '@/lib/stream.ts';
import type { Run } from '@/protocol/engine-api.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { GeneratedToken, GenerateRequest, GenerateResult } from '@/protocol/generation.ts';
import type {
  AdapterInfo,
  AttachedAdapter,
  CheckpointInfo,
  FineTuneEstimate,
  FineTuneEvent,
  FineTuneRequest,
  FineTuneSummary,
  TrainingApi,
} from '@/protocol/training-api.ts';
import { checkLoraConfig, checkTrainingSettings } from '@/protocol/training-schema.ts';
import { DEFAULT_LORA, DEFAULT_TRAINING, type TrainingSettings } from '@/protocol/training.ts';
import { advantagesOf } from '@/protocol/advantages.ts';
import { scriptName } from './scripted-studies.ts';

const LIMIT_BYTES = 134_217_728;
const FITTING_TOKENS = 256;
const RUN_ID = 'fine-tune';

function fail(code: FailureCode, message: string): never {
  throw new Failure<FailureCode>(code, message);
}

async function rest(signal: AbortSignal, ms: number): Promise<void> {
  await sleep(ms);
  if (signal.aborted) fail('cancelled', 'The operation was cancelled.');
}

function adapter(id: string, name: string, changed: Partial<AdapterInfo> = {}): AdapterInfo {
  return {
    id,
    name,
    config: DEFAULT_LORA,
    numParameters: 2_442_240,
    baseModelSha256: 'scripted',
    baseModelName: 'SmolLM2 135M Instruct',
    step: 0,
    createdAt: '2026-03-01T09:30:00.000Z',
    ...changed,
  };
}

const checkpoint = (adapterId: string, step: number, createdAt: string): CheckpointInfo => ({
  id: `${adapterId}-${step}`,
  adapterId,
  runId: RUN_ID,
  step,
  createdAt,
  sizeBytes: 29_312_400,
});

/** Everything that the script remembers. */
class Shelf {
  adapters: readonly AdapterInfo[] = [];
  attached: AttachedAdapter | null = null;
  checkpoints: readonly CheckpointInfo[] = [];
  readonly numOfOtherModels: number = 0;
  #next = 1;

  constructor() {
    if (!/^(?:adapters|evaluation)/.test(scriptName())) return;
    this.adapters = [
      adapter('pirate', 'Pirate speech', { step: 40 }),
      adapter('short', 'Short answers', {
        step: 0,
        config: { ...DEFAULT_LORA, r: 4, loraAlpha: 8, targetModules: ['q_proj', 'v_proj'] },
        numParameters: 230_400,
        createdAt: '2026-03-02T17:05:00.000Z',
      }),
    ];
    this.checkpoints = [
      checkpoint('pirate', 40, '2026-03-01T09:52:00.000Z'),
      checkpoint('pirate', 30, '2026-03-01T09:47:00.000Z'),
    ];
    this.numOfOtherModels = 2;
    if (scriptName().startsWith('adapters-')) this.attached = { id: 'pirate', blend: 1 };
  }

  newId(): string {
    return `new-${this.#next++}`;
  }

  find(id: string): AdapterInfo {
    return this.adapters.find((one) => one.id === id) ?? fail('storageFailed', 'The adapter was deleted.');
  }

  get current(): AdapterInfo {
    return this.attached === null
      ? fail('noAttachedAdapter', 'No adapter is attached to the model.')
      : this.find(this.attached.id);
  }

  add(info: AdapterInfo): AdapterInfo {
    this.adapters = [...this.adapters, info];
    return info;
  }

  change(id: string, change: Partial<AdapterInfo>): AdapterInfo {
    this.adapters = this.adapters.map((one) => (one.id === id ? { ...one, ...change } : one));
    return this.find(id);
  }

  save(): CheckpointInfo {
    const { id, step } = this.current;
    const saved = checkpoint(id, step, new Date().toISOString());
    this.checkpoints = [saved, ...this.checkpoints.filter((one) => one.id !== saved.id)];
    return saved;
  }
}

function estimateOf(request: FineTuneRequest, settings: TrainingSettings): FineTuneEstimate {
  const numExamples = request.data.split('\n').filter((line) => line.trim() !== '').length;
  const activations = settings.tokensPerPass * (settings.gradientCheckpointing ? 380_000 : 1_900_000);
  const fits = scriptName() !== 'adapters-refused' || settings.tokensPerPass <= FITTING_TOKENS;
  const bytes = { adapter: 9_768_960, gradients: 9_768_960, optimizer: 19_537_920 };
  const total = 4 * bytes.adapter + activations;
  const suggested = { gradientCheckpointing: true, logitChunkSize: 16, tokensPerPass: FITTING_TOKENS };
  return {
    numExamples,
    numTokens: numExamples * 41,
    notes: request.data.includes('not json')
      ? ['1 example was left out.', 'Line 2: The line is not a JSON object.']
      : [],
    estimate: {
      fits,
      reasons: fits
        ? []
        : [`The largest buffer takes 402653184 bytes; this device allows ${LIMIT_BYTES} bytes a buffer.`],
      bytes: { ...bytes, activations, total },
      largestBufferBytes: fits ? 50_331_648 : 402_653_184,
      largestBufferLimitBytes: LIMIT_BYTES,
      numTokens: 82,
      numPasses: 1,
      secondsPerStep: 2.4,
      probeMs: 180,
      suggestions: fits ? [] : [{ settings: suggested, totalBytes: 4 * bytes.adapter + FITTING_TOKENS * 380_000 }],
    },
  };
}

async function playFineTune(
  shelf: Shelf,
  request: FineTuneRequest,
  signal: AbortSignal,
  emit: (event: FineTuneEvent) => void,
): Promise<FineTuneSummary> {
  const settings = checkTrainingSettings(request.settings, 'fineTune');
  const { id } = shelf.current;
  const read = estimateOf(request, settings);
  if (!read.estimate.fits) fail('doesNotFit', read.estimate.reasons.join(' '));
  emit({ kind: 'read', ...read });
  const tickMs = scriptName() === 'adapters-slow' ? 400 : 15;
  const losses: number[] = [];
  try {
    for (let made = 0; made < request.steps; made++) {
      const step = shelf.current.step + 1;
      for (const phase of ['forward', 'backward'] as const)
        for (const done of [0.25, 0.6, 1]) {
          emit({ kind: 'progress', step, progress: { phase, done } });
          await rest(signal, tickMs);
        }
      if (scriptName() === 'adapters-diverge' && made === 2)
        fail(
          'trainingDiverged',
          `Step ${step}: the gradient of base_model.model.model.layers.3.mlp.down_proj.lora_B.weight is not a number.`,
        );
      shelf.change(id, { step });
      const loss = 0.6 + 2.4 * Math.exp(-made / 9) + 0.18 * Math.sin(made * 2.1);
      losses.push(loss);
      emit({
        kind: 'stepped',
        step,
        loss,
        gradNorm: 0.5 + 1.8 * Math.exp(-made / 12) + 0.2 * Math.sin(made * 1.3),
        learningRate: settings.learningRate,
        stepMs: 2400,
        secondsLeft: (request.steps - made - 1) * 2.4,
      });
    }
  } finally {
    if (losses.length > 0) emit({ kind: 'saved', checkpoint: shelf.save() });
  }
  return { steps: losses.length, firstLoss: losses[0] ?? NaN, lastLoss: losses.at(-1) ?? NaN };
}

const notScripted = (): Promise<never> =>
  Promise.reject(new Failure<FailureCode>('internal', 'The scripted engine does not play this.'));

export function createScriptedTraining(): TrainingApi {
  const shelf = new Shelf();
  return {
    // Needs no model, and is computed here as well as anywhere.
    async advantages({ rewards, groupIds, scaleRewards = 'group' }) {
      const rows = rewards.map((row) => [row].flat().map((reward) => reward ?? Number.NaN));
      const { advantages, metrics } = advantagesOf(rows, groupIds, { scaleRewards });
      return { advantages, metrics };
    },
    listAdapters: async () => ({
      adapters: shelf.adapters,
      attached: shelf.attached,
      numOfOtherModels: shelf.numOfOtherModels,
    }),
    async createAdapter({ name, config }) {
      const checked = checkLoraConfig(config, 'createAdapter');
      const info = shelf.add(
        adapter(shelf.newId(), name.trim(), { config: checked, createdAt: new Date().toISOString() }),
      );
      shelf.attached = { id: info.id, blend: 1 };
      return info;
    },
    renameAdapter: async (id, name) => shelf.change(id, { name }),
    duplicateAdapter: async (id, name) => shelf.add({ ...shelf.find(id), id: shelf.newId(), name }),
    async deleteAdapter(id) {
      shelf.adapters = shelf.adapters.filter((one) => one.id !== id);
      shelf.checkpoints = shelf.checkpoints.filter((one) => one.adapterId !== id);
      if (shelf.attached?.id === id) shelf.attached = null;
    },
    async attachAdapter(id, { blend = 1 } = {}) {
      shelf.attached = id === null ? null : { id: shelf.find(id).id, blend };
      return shelf.attached;
    },
    async importAdapter(files, name) {
      const [file] = files;
      if (file === undefined || !file.name.endsWith('.zip'))
        fail(
          'invalidAdapter',
          `${files.map((one) => one.name).join(', ')}: Choose either one .zip of the adapter's folder, or its two files adapter_model.safetensors and adapter_config.json.`,
        );
      return shelf.add(adapter(shelf.newId(), name, { createdAt: new Date().toISOString() }));
    },
    exportAdapter: async (id) => [{ name: `${shelf.find(id).name}.zip`, bytes: new Uint8Array([0x50, 0x4b, 5, 6]) }],
    listCheckpoints: async (adapterId) =>
      shelf.checkpoints.filter((one) => one.adapterId === (adapterId ?? shelf.attached?.id)),
    async resume(checkpointId) {
      const found = shelf.checkpoints.find(({ id }) => id === checkpointId) ?? fail('storageFailed', 'No checkpoint.');
      shelf.change(found.adapterId, { step: found.step });
      return { checkpoint: found, state: { rngState: [], dataPosition: 0, settings: {}, metrics: [] } };
    },
    saveCheckpoint: async () => shelf.save(),
    estimateFineTune: (request) =>
      Promise.resolve(
        serveRun<FineTuneEstimate>(async (signal) => {
          await rest(signal, 100);
          return estimateOf(request, checkTrainingSettings({ ...DEFAULT_TRAINING, ...request.settings }, 'estimate'));
        }),
      ),
    fineTune: (request, onEvent) =>
      Promise.resolve(
        serveRun<FineTuneSummary, FineTuneEvent>((signal, emit) => playFineTune(shelf, request, signal, emit), onEvent),
      ),
    logProbs: notScripted,
    gradients: notScripted,
    trainStep: notScripted,
    estimate: notScripted,
    optimizerState: notScripted,
    releaseTraining: () => Promise.resolve(),
  };
}

const ANSWERS = {
  off: 'The moon is a natural satellite of the Earth.',
  on: 'Arr, the moon be a lantern that hangs over the sea, me hearty.',
};

/** An answer, word by word, with a pirate's tongue where an adapter is asked for. */
export function scriptedGenerate(
  { adapter: use = 'on' }: GenerateRequest,
  onToken: (token: GeneratedToken) => void,
): Promise<Run<GenerateResult>> {
  return Promise.resolve(
    serveRun<GenerateResult, GeneratedToken>(async (signal, emit) => {
      const words = ANSWERS[use].match(/\s?\S+/g) ?? [];
      for (const text of words) {
        await rest(signal, 30);
        emit({ tokenId: 0, text, logProb: -0.1, top: [] });
      }
      const timing = { prefillMs: 100, decodeMs: 30 * words.length, timeToFirstTokenMs: 130, tokensPerSecond: 33 };
      return {
        tokenIds: words.map(() => 0),
        text: ANSWERS[use],
        logProbs: words.map(() => -0.1),
        stopReason: 'stopToken',
        timing,
      };
    }, onToken),
  );
}
