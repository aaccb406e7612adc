/**
 * The engine's interface played from a script, for states of the page that a real engine cannot be brought to at will.
 * Nothing here computes; nothing that is seen with it is evidence that something works. Only in builds of mode `e2e`,
 * with `?engine=scripted`. `&state=` picks the script:
 *
 *   (none)         loads in two seconds, thinks, answers, waits for follow-ups; long drafts are read in pieces
 *   slow-load      never finishes loading               load-fails     the file is damaged
 *   no-webgpu      there is no adapter                  run-fails      the GPU is lost in the middle of a run
 *   long           fast, with thousands of tokens       thinking-model has think tokens and 600 million parameters
 *   speed-slow     four steps a second were measured    speed-very-slow  one
 *   draft-full     drafts of more than 12 words do not fit
 *   context-fills  the context is full after 60 steps
 *   check-fails    a recomputation finds no room
 *   fits-...       see scripted-fit.ts
 *   studies-...    see scripted-studies.ts              adapters-...   see scripted-training.ts
 *   negotiation-...  see scripted-negotiation.ts        training-...   see scripted-negotiation-training.ts
 *   evaluation-...  see scripted-negotiation-evaluation.ts  chat-...  see scripted-chat.ts
 */
import { expose } from 'comlink';
import { Failure } from '@/lib/failure.ts';
import { sleep } from '@/lib/sleep.ts';
import { registerFailureTransfer, serveRun } from '@/lib/stream.ts';
import type { EngineApi } from '@/protocol/engine-api.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { DeviceReport, LoadOptions, LoadProgress, MemoryReport, ModelInfo } from '@/protocol/model.ts';
import { defaultSettingsFor } from '@/protocol/reasoning-settings.ts';
import { decodeSpeedOf } from '@/protocol/speed.ts';
import type { ReasoningEvent, ReasoningSettings, ReasoningTrace } from '@/protocol/reasoning.ts';
import { scriptedCheck, scriptedReadAttention } from './scripted-attention.ts';
import { scriptedChat, scriptedChatTemplate } from './scripted-chat.ts';
import { createScriptedNegotiation } from './scripted-negotiation.ts';
import { createScriptedNegotiationEvaluation } from './scripted-negotiation-evaluation.ts';
import { createScriptedNegotiationTraining, type LiveTraining } from './scripted-negotiation-training.ts';
import { scriptedDetokenize } from './scripted-negotiation-texts.ts';
import { ScriptedInputs } from './scripted-inputs.ts';
import { PLAIN_RUN, playRun, ScriptedRun, type RunScript } from './scripted-run.ts';
import { scriptedEvaluate } from './scripted-evaluation.ts';
import { scriptedFit } from './scripted-fit.ts';
import { scriptedCalibrate, scriptedCompare } from './scripted-studies.ts';
import { createScriptedStorage } from './scripted-storage.ts';
import { createScriptedTraining, scriptedGenerate } from './scripted-training.ts';

const script = new URLSearchParams(self.name).get('state') ?? '';

const WEIGHT_BYTES = 98_362_432;
const NOTHING: MemoryReport = { weights: 0, kvCache: 0, activations: 0, training: 0, other: 0, total: 0 };
const LOADED: MemoryReport = {
  weights: WEIGHT_BYTES,
  kvCache: 94_371_840,
  activations: 12_582_912,
  training: 0,
  other: 1_048_576,
  total: WEIGHT_BYTES + 94_371_840 + 12_582_912 + 1_048_576,
};

/** Milliseconds of a step, where the script says that it was measured. */
const STEP_MS: Readonly<Record<string, number>> = { 'speed-slow': 236, 'speed-very-slow': 810 };
const SPEED = STEP_MS[script] === undefined ? null : decodeSpeedOf([STEP_MS[script]], 'measured');

const SMALL_MODEL: ModelInfo = {
  id: 'scripted',
  name: 'SmolLM2 135M Instruct',
  architecture: 'llama',
  format: 'gguf',
  license: 'Apache-2.0',
  fileBytes: WEIGHT_BYTES,
  sha256: null,
  vocabSize: 49_152,
  hiddenSize: 576,
  intermediateSize: 1536,
  numHiddenLayers: 30,
  numAttentionHeads: 9,
  numKeyValueHeads: 3,
  headDim: 64,
  ropeTheta: 100_000,
  maxContextLength: 8192,
  contextLength: 2048,
  kvType: 'f32',
  kernelShape: 'threadPerRows',
  tensorTypes: { Q4_1: 210, F32: 61 },
  quantization: null,
  hasChatTemplate: true,
  eosTokenId: 2,
  hasThinkTokens: false,
  speed: SPEED,
  hasThinkingSwitch: false,
};

const THINKING_MODEL: ModelInfo = {
  ...SMALL_MODEL,
  name: 'Qwen3 0.6B',
  architecture: 'qwen3',
  vocabSize: 151_936,
  hiddenSize: 1024,
  intermediateSize: 3072,
  numHiddenLayers: 28,
  numAttentionHeads: 16,
  numKeyValueHeads: 8,
  headDim: 128,
  maxContextLength: 40_960,
  hasThinkTokens: true,
  hasThinkingSwitch: true,
};

const MODEL = script === 'thinking-model' || script === 'chat-thinks' ? THINKING_MODEL : SMALL_MODEL;

const RUNS: Readonly<Record<string, Partial<RunScript>>> = {
  long: { stepMs: 4, burst: 4, repeats: 200 },
  'draft-full': { draftRoom: 12 },
  'context-fills': { lastStep: 60 },
};

interface Live {
  readonly inputs: ScriptedInputs;
  readonly run: ScriptedRun;
}

let isLoaded = false;
let live: Live | undefined;

function fail(code: FailureCode, message: string): never {
  throw new Failure<FailureCode>(code, message);
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds);
  if (signal.aborted) fail('cancelled', 'The operation was cancelled.');
}

async function playLoad(
  { contextLength = MODEL.contextLength }: LoadOptions,
  signal: AbortSignal,
  emit: (progress: LoadProgress) => void,
): Promise<ModelInfo> {
  isLoaded = false;
  const parts = script === 'slow-load' ? 10_000 : 20;
  for (let part = 0; part <= parts; part++) {
    const loadedBytes = script === 'slow-load' ? 42_100_000 : (WEIGHT_BYTES * part) / parts;
    const secondsLeft = script === 'slow-load' ? 12 : ((parts - part) * 60) / 1000;
    emit({ phase: 'download', loadedBytes, totalBytes: WEIGHT_BYTES, secondsLeft });
    await pause(script === 'slow-load' ? 500 : 40, signal);
    if (script === 'load-fails' && part === 5) {
      fail('integrityFailed', 'The hash of the file is not the one that the catalogue lists.');
    }
  }
  for (const phase of ['upload', 'compile', 'tune'] as const) {
    emit({ phase, loadedBytes: 0, totalBytes: 0, secondsLeft: null });
    await pause(150, signal);
  }
  isLoaded = true;
  return { ...MODEL, contextLength };
}

function describe(): DeviceReport {
  const limits = { maxBufferSize: 268_435_456, maxStorageBufferBindingSize: 134_217_728, maxBindGroups: 4 };
  const isMissing = script === 'no-webgpu';
  return {
    available: !isMissing,
    reason: isMissing ? 'The browser has WebGPU, but offers no graphics adapter.' : null,
    vendor: 'scripted',
    architecture: 'none',
    description: 'Played from a script; no GPU is used',
    isSoftware: true,
    features: ['subgroups', 'timestamp-query'],
    adapterLimits: { ...limits, maxBufferSize: 4_294_967_296 },
    requestedLimits: limits,
    memory: isLoaded ? LOADED : NOTHING,
    speed: isLoaded ? SPEED : null,
    tuning: isLoaded
      ? {
          kernelShape: 'threadPerRows',
          choices: {},
          measuredUs: { threadPerRows: 41.2, workgroupPerRows: 63.8 },
          origin: 'measured',
        }
      : null,
  };
}

function startRun(
  settings: Partial<ReasoningSettings>,
  onEvent: (event: ReasoningEvent) => void,
): ReturnType<typeof serveRun<ReasoningTrace, ReasoningEvent>> {
  const inputs = new ScriptedInputs({ ...defaultSettingsFor(MODEL.hasThinkTokens), ...settings });
  const run = new ScriptedRun({ ...PLAIN_RUN, ...RUNS[script] }, inputs.settings);
  live = { inputs, run };
  return serveRun<ReasoningTrace, ReasoningEvent>(async (signal, emit) => {
    const events = playRun(run, inputs, signal);
    try {
      for (;;) {
        const { done, value } = await events.next();
        if (done === true) return value;
        emit(value);
        if (script === 'run-fails' && run.numSteps > 30) {
          fail('deviceLost', 'The GPU device was lost: the driver was reset.');
        }
      }
    } finally {
      if (live?.run === run) live = undefined;
    }
  }, onEvent);
}

const notScripted = (): Promise<never> =>
  Promise.reject(new Failure<FailureCode>('internal', 'The scripted engine does not play this.'));

const liveTraining: LiveTraining = { control: undefined };

const engine: EngineApi = {
  storage: createScriptedStorage(),
  fit: scriptedFit,
  training: createScriptedTraining(),
  negotiation: createScriptedNegotiation(liveTraining),
  negotiationTraining: createScriptedNegotiationTraining(liveTraining),
  negotiationEvaluation: createScriptedNegotiationEvaluation(),
  describeDevice: () => Promise.resolve(describe()),
  loadModel: (_source, options, onProgress) =>
    Promise.resolve(serveRun((signal, emit) => playLoad(options, signal, emit), onProgress)),
  unload() {
    isLoaded = false;
    return Promise.resolve();
  },
  memory: () => Promise.resolve(isLoaded ? LOADED : NOTHING),
  tokenize: notScripted,
  detokenize: scriptedDetokenize,
  applyChatTemplate: scriptedChatTemplate,
  logits: notScripted,
  generate: scriptedGenerate,
  chat: (config, request, onDelta) => scriptedChat(script, config, request, onDelta),
  reason: notScripted,
  reasonLive: (settings, onEvent) => Promise.resolve(startRun(settings, onEvent)),
  async updateDraft(draft) {
    if (live !== undefined) live.inputs.draft = draft;
  },
  async addRemark(text) {
    live?.inputs.remark(text);
  },
  async pause() {
    if (live !== undefined) live.inputs.isPaused = true;
  },
  async resume() {
    if (live !== undefined) live.inputs.isPaused = false;
  },
  // The script has no voice to wait for.
  reportSpeech: () => Promise.resolve(),
  traceSoFar: () => Promise.resolve(live?.run.trace('stopped') ?? null),
  async updateSettings(settings) {
    if (live !== undefined) live.inputs.settings = { ...live.inputs.settings, ...settings };
  },
  compare: (config, onEvent) => scriptedCompare(config, onEvent),
  evaluate: (config, onEvent) => scriptedEvaluate(config, onEvent),
  calibrate: (config, onEvent) => scriptedCalibrate(config, onEvent),
  attention: (request, onProgress) => scriptedReadAttention(request, onProgress),
  check: (request, onProgress) =>
    script === 'check-fails'
      ? Promise.reject(new Failure<FailureCode>('contextFull', 'The context has no room for the step.'))
      : scriptedCheck(request, onProgress),
  simulateDeviceLoss: notScripted,
  measureSpeed: () =>
    Promise.resolve(serveRun(() => Promise.resolve(SPEED ?? decodeSpeedOf([20], 'measured')), undefined)),
  profile: notScripted,
};

registerFailureTransfer();
expose(engine);
