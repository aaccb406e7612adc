import { Failure } from '@/lib/failure.ts';
import { at } from '@/lib/assert.ts';
import type { AgreementVerdict, Utterance } from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import type { DialoguePrompts } from './dialogue-prompts.ts';
import type { PromptReader } from './prompt-reader.ts';
import { singleTokens } from './prompt-tokens.ts';

/** One exchange that may be an agreement. */
export interface AgreementQuestion {
  readonly dilemma: string;
  readonly turn: number;
  readonly exchange: readonly [Utterance, Utterance];
}

export interface AgreementJudge {
  /** @returns one verdict a question, in their order */
  decide(questions: readonly AgreementQuestion[], signal?: AbortSignal): Promise<AgreementVerdict[]>;
}

type Rules = Pick<NegotiationSettings, 'agreementYes' | 'agreementNo' | 'agreementThreshold'>;

/**
 * The model itself, without its adapter, reads the exchange once.
 *
 *   p(yes) = sigmoid(z_yes - z_no),   agreed: p(yes) > threshold
 */
export class EngineAgreement implements AgreementJudge {
  readonly #reader: PromptReader;
  readonly #prompts: DialoguePrompts;
  readonly #rules: Rules;
  readonly #answerIds: readonly number[];

  /** @throws {Failure} 'unsupportedModel' if an answer is not one token */
  constructor(reader: PromptReader, tokenizer: ChatTokenizer, prompts: DialoguePrompts, rules: Rules) {
    this.#reader = reader;
    this.#prompts = prompts;
    this.#rules = rules;
    this.#answerIds = singleTokens(tokenizer, [rules.agreementYes, rules.agreementNo], 'the agreement judge');
  }

  async decide(questions: readonly AgreementQuestion[], signal?: AbortSignal): Promise<AgreementVerdict[]> {
    const prompts = questions.map(({ exchange }) => this.#prompts.agreement(exchange));
    const answers = await this.#reader.answers('agreement', prompts, this.#answerIds, { signal });
    return questions.map(({ turn }, index) => {
      const { logits } = at(answers, index);
      return verdictOf(turn, at(logits, 0) - at(logits, 1), this.#rules.agreementThreshold);
    });
  }
}

/** Both sides have written something that accepts: for checks, and for models that cannot judge. */
export class RuleAgreement implements AgreementJudge {
  readonly #phrases: readonly string[];

  /** @throws {Failure} 'invalidConfig' without a phrase */
  constructor(phrases: readonly string[] = ['i agree', 'we agree', 'i accept', 'agreed', 'deal']) {
    if (phrases.length === 0 || phrases.some((phrase) => phrase.trim() === ''))
      throw new Failure<FailureCode>(
        'invalidConfig',
        'Give at least one phrase that means consent, none of them empty.',
      );
    this.#phrases = phrases.map((phrase) => phrase.toLowerCase());
  }

  decide(questions: readonly AgreementQuestion[]): Promise<AgreementVerdict[]> {
    return Promise.resolve(
      questions.map(({ turn, exchange }) => ({
        state: 'judged' as const,
        turn,
        agreed: exchange.every(({ text }) => this.#phrases.some((phrase) => text.toLowerCase().includes(phrase))),
      })),
    );
  }
}

function verdictOf(turn: number, margin: number, threshold: number): AgreementVerdict {
  if (!Number.isFinite(margin))
    return { state: 'unreadable', turn, reason: 'The model gave no numbers for the two answers.', raw: String(margin) };
  const pYes = 1 / (1 + Math.exp(-margin));
  return { state: 'judged', turn, agreed: pYes > threshold, pYes };
}
