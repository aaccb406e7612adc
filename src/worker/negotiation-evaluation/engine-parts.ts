import { generate } from '@/engine/generation/generate.ts';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { follow } from '@/lib/follow.ts';
import type { EvaluationItem } from '@/protocol/evaluation.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { AskPage } from '@/protocol/chat.ts';
import type { JudgeConfig } from '@/protocol/negotiation-api.ts';
import type { Contestant, NegotiationEvaluationPlan } from '@/protocol/negotiation-evaluation.ts';
import type { DialogueRecord } from '@/protocol/negotiation-run.ts';
import { answerAlone } from '@/research/negotiation/answer-alone.ts';
import type { Judge } from '@/research/negotiation/judge.ts';
import { judgePair, type PairwiseJudge } from '@/research/negotiation/pairwise.ts';
import { promptTokens } from '@/research/negotiation/prompt-tokens.ts';
import type { RolloutControl } from '@/research/negotiation/rollout-control.ts';
import { templatePrompts } from '@/research/negotiation/template-prompts.ts';
import { contextForText, measurePerplexity } from '@/research/negotiation-evaluation/perplexity.ts';
import type { EvaluationParts } from '@/research/negotiation-evaluation/run-negotiation-evaluation.ts';
import { chatTokenizerOf } from '../chat/chat-tokenizer-of.ts';
import type { HumanDesk } from '../negotiation/judges.ts';
import { agreementBy, runRollout } from '../negotiation/run-rollout.ts';
import type { TrainableModel } from '../training/trainable-model.ts';

export interface EnginePartsOptions {
  readonly model: TrainableModel;
  readonly plan: NegotiationEvaluationPlan;
  /** Of the answers; also asked whether the sides agree, if the settings say so. */
  readonly judgeConfig: JudgeConfig;
  readonly judge: Judge;
  /** Null: nobody compares. */
  readonly comparer: PairwiseJudge | null;
  /** Attaches an adapter, if it is not the one that is attached. */
  readonly attach: (adapterId: string) => Promise<void>;
  readonly control: RolloutControl;
  readonly desk: HumanDesk;
  readonly ask: AskPage;
}

const ignore = (): void => undefined;

/** The pieces of an evaluation, made by the loaded model. Contestants without an adapter speak with it switched off. */
export class EngineParts implements EvaluationParts {
  readonly #options: EnginePartsOptions;
  readonly #tokenizer: ReturnType<typeof chatTokenizerOf>;

  /** @throws {Failure} 'unsupportedModel' without a chat template; 'invalidConfig' for a text that cannot be measured */
  constructor(options: EnginePartsOptions) {
    this.#options = options;
    this.#tokenizer = chatTokenizerOf(options.model.opened);
    this.#checkText();
  }

  async negotiate(
    { contestant, dilemma, pair, settings }: Parameters<EvaluationParts['negotiate']>[0],
    signal: AbortSignal,
  ): Promise<DialogueRecord> {
    const { model, plan, judgeConfig, control, desk, ask } = this.#options;
    await this.#takeFloor(contestant);
    // Judged afterwards, by the one judge that stays open.
    const request = { dilemma, pair, settings, templates: plan.templates, judge: null };
    const agreement = agreementBy(settings, judgeConfig);
    const { dialogues } = await runRollout(
      { ...request, ...(agreement && { agreement }) },
      { model, desk, ask, control, signal },
      ignore,
    );
    return at(dialogues, 0);
  }

  async answerAlone(
    { contestant, dilemma, settings }: Parameters<EvaluationParts['answerAlone']>[0],
    signal: AbortSignal,
  ): Promise<DialogueRecord> {
    const { model, plan, control } = this.#options;
    await this.#takeFloor(contestant);
    const io = { tokenizer: this.#tokenizer, prompts: templatePrompts(plan.templates), control, signal };
    const request = { dilemma, settings, rows: [0] };
    const { dialogues } = await follow(answerAlone(model.gpuModel.decoder, request, io), ignore);
    return at(dialogues, 0);
  }

  score(...[answer, signal]: Parameters<EvaluationParts['score']>): ReturnType<EvaluationParts['score']> {
    return this.#options.judge.score(answer, signal);
  }

  async compare(...[question, signal]: Parameters<EvaluationParts['compare']>): ReturnType<EvaluationParts['compare']> {
    const { comparer } = this.#options;
    if (comparer === null) throw new RangeError('Nobody compares.');
    return judgePair(comparer, question, signal);
  }

  /** Greedy, and as long as an answer to a dilemma may be. */
  async answerItem(contestant: Contestant, { question }: EvaluationItem, signal: AbortSignal): Promise<string> {
    const { model, plan } = this.#options;
    await this.#takeFloor(contestant);
    const request = {
      tokenIds: promptTokens(this.#tokenizer, [{ role: 'user', content: question }], []).ids,
      maxNewTokens: plan.settings.maxCompletionTokens,
      stopTokenIds: this.#tokenizer.stopTokenIds,
      adapter: adapterUse(contestant),
    };
    const { text } = await generate(model.gpuModel.decoder, model.opened.tokenizer, request, ignore, signal);
    return text;
  }

  async perplexity(
    contestant: Contestant,
    text: string,
    signal: AbortSignal,
  ): ReturnType<EvaluationParts['perplexity']> {
    await this.#takeFloor(contestant);
    const { decoder } = this.#options.model.gpuModel;
    return measurePerplexity(decoder, this.#tokensOf(text), { adapter: adapterUse(contestant), signal });
  }

  now(): number {
    return performance.now();
  }

  async #takeFloor({ adapterId }: Contestant): Promise<void> {
    if (adapterId !== null) await this.#options.attach(adapterId);
  }

  #tokensOf(text: string): number[] {
    return this.#options.model.opened.tokenizer.encode(text, { parseSpecial: false });
  }

  /** It comes last, and is not to end a long evaluation with a failure. */
  #checkText(): void {
    const { model, plan } = this.#options;
    const text = plan.ability?.text ?? '';
    if (text === '') return;
    const { length } = this.#tokensOf(text);
    const { contextLength } = model.gpuModel.decoder;
    const fault =
      length < 2
        ? 'It is one token, and perplexity needs two. Give a longer text.'
        : contextForText(length) > contextLength
          ? `It is ${length} tokens, and needs room for ${contextForText(length)}; the context has ${contextLength}. ` +
            'Give a shorter text, or load the model with a longer context.'
          : null;
    if (fault !== null) throw new Failure<FailureCode>('invalidConfig', `evaluate: ability.text: ${fault}`);
  }
}

function adapterUse({ adapterId }: Contestant): 'on' | 'off' {
  return adapterId === null ? 'off' : 'on';
}
