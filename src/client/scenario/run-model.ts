/** Runs a scenario about models: loading, generating, unloading, losing the device. */
import { Failure } from '@/lib/failure.ts';
import { assertNever } from '@/lib/assert.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { GenerateResult, GeneratedToken } from '@/protocol/generation.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import type { OutcomeStream, TimingRatio } from '@/protocol/scenario/outcome.ts';
import type { ScenarioOf } from '@/protocol/scenario/scenario.ts';
import { loadScenarioModel } from './load-scenario-model.ts';
import type { PanelOutcome, RunContext } from './panel-run.ts';
import { timingRatio } from './timing-ratios.ts';

type ModelScenario = ScenarioOf<'model'>;
type Action = ModelScenario['inputs']['actions'][number];
type Generate = Extract<Action, { readonly do: 'generate' }>;

interface Generated extends GenerateResult {
  readonly tokens: readonly GeneratedToken[];
  readonly numPromptTokens: number;
}

export async function runModel(scenario: ModelScenario, context: RunContext): Promise<PanelOutcome> {
  const generated: Generated[] = [];
  let model: ModelInfo | null = null;
  for (const [i, action] of scenario.inputs.actions.entries()) {
    if (action.do === 'load') model = await load(action, scenario, context);
    else if (action.do === 'generate') generated.push(await generate(action, scenario, context));
    else if (action.do === 'unload') {
      await context.engine.unload();
      model = null;
    } else if (action.do === 'loseDevice') await context.engine.simulateDeviceLoss();
    else assertNever(action);
    context.progressed(
      i + 1,
      generated.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0),
    );
  }
  return {
    streams: generated.map(streamOf),
    facts: factsOf(model, generated),
    metrics:
      model === null ? {} : { vocabSize: model.vocabSize, layers: model.numHiddenLayers, fileBytes: model.fileBytes },
    ratios: ratiosOf(generated),
    model,
  };
}

function load(
  { source, options }: Extract<Action, { readonly do: 'load' }>,
  { model }: ModelScenario,
  context: RunContext,
): Promise<ModelInfo> {
  const wanted = source ?? model?.source;
  if (wanted === undefined)
    throw new Failure<FailureCode>('invalidConfig', 'The scenario loads a model, but names none.');
  return loadScenarioModel({ source: wanted, options: { ...model?.options, ...options } }, context);
}

async function generate(
  { request }: Generate,
  { seed }: ModelScenario,
  { engine, signal }: RunContext,
): Promise<Generated> {
  const tokens: GeneratedToken[] = [];
  const result = await engine.generate({
    ...request,
    ...(seed !== undefined && { seed }),
    topLogProbs: 2,
    signal,
    onToken: (token) => tokens.push(token),
  });
  return { ...result, tokens, numPromptTokens: request.tokenIds?.length ?? 0 };
}

function streamOf({ tokenIds, text, tokens }: Generated, i: number): OutcomeStream {
  return {
    name: `generate${i + 1}`,
    tokenIds,
    text,
    choices: tokens.map(({ logProb, top }) => {
      const [first, second] = top;
      const pairs = top.map(({ tokenId, logProb: value }) => [tokenId, value] as const);
      return first === undefined || second === undefined
        ? { logProb }
        : { logProb, margin: first.logProb - second.logProb, top: pairs };
    }),
  };
}

function factsOf(model: ModelInfo | null, generated: readonly Generated[]): Record<string, string> {
  return {
    loaded: model === null ? 'no' : 'yes',
    ...(model !== null && { architecture: model.architecture, format: model.format, kvType: model.kvType }),
    ...Object.fromEntries(generated.map(({ stopReason }, i) => [`generate${i + 1}.stop`, stopReason])),
  };
}

/** Only where the prompt was given as ids, so that its length is known. */
function ratiosOf(generated: readonly Generated[]): TimingRatio[] {
  const known = generated.filter(({ numPromptTokens, tokenIds }) => numPromptTokens > 0 && tokenIds.length > 1);
  return timingRatio(
    'reading a token of the prompt / writing one',
    known.map(({ timing, numPromptTokens }) => timing.prefillMs / numPromptTokens),
    known.map(({ timing, tokenIds }) => timing.decodeMs / (tokenIds.length - 1)),
  );
}
