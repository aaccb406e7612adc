/** Judges by what is asked for. */
import { assertNever } from '@/lib/assert.ts';
import type { AskPage } from '@/protocol/chat.ts';
import type { HumanQuestion, JudgeConfig, JudgedAnswer, TemplateTexts } from '@/protocol/negotiation-api.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import { ChatJudge } from '@/research/negotiation/chat-judge.ts';
import { EngineJudge } from '@/research/negotiation/engine-judge.ts';
import { HumanJudge } from '@/research/negotiation/human-judge.ts';
import type { Judge } from '@/research/negotiation/judge.ts';
import { RuleJudge } from '@/research/negotiation/rule-judge.ts';
import { templatePrompts } from '@/research/negotiation/template-prompts.ts';
import { chatTokenizerOf } from '../chat/chat-tokenizer-of.ts';
import { createChatModel, type NegotiatingModel } from './chat-models.ts';

export interface JudgeOptions {
  readonly templates: TemplateTexts;
  readonly seesDialogue: boolean;
  /** Of chat models. Default 0. */
  readonly temperature?: number;
  /** Gets a person's open questions. */
  readonly onHumanAsked: (open: readonly HumanQuestion[]) => void;
}

/** The persons who are being asked, over all operations. */
export class HumanDesk {
  readonly #judges = new Set<HumanJudge>();
  #lastId = 0;

  open(onChange: (open: readonly HumanQuestion[]) => void): HumanJudge {
    const judge = new HumanJudge(onChange, () => ++this.#lastId);
    this.#judges.add(judge);
    return judge;
  }

  close(judge: HumanJudge): void {
    this.#judges.delete(judge);
  }

  find(questionId: number): HumanJudge | undefined {
    return [...this.#judges].find((judge) => judge.isAsking(questionId));
  }
}

/** A judge that holds GPU blocks, or a place at the desk, until it is disposed of. */
export type OpenJudge = Judge & { [Symbol.dispose](): void };

export class Judges {
  readonly #model: NegotiatingModel;
  readonly #desk: HumanDesk;
  readonly #ask: AskPage;

  constructor(model: NegotiatingModel, desk: HumanDesk, ask: AskPage) {
    this.#model = model;
    this.#desk = desk;
    this.#ask = ask;
  }

  /** @throws {Failure} 'unsupportedModel' if the model cannot judge; 'invalidConfig' for a wrong address or template */
  open(config: JudgeConfig, { templates, seesDialogue, temperature, onHumanAsked }: JudgeOptions): OpenJudge {
    const prompts = templatePrompts(templates);
    switch (config.kind) {
      case 'engine': {
        const tokenizer = chatTokenizerOf(this.#model.opened);
        const name = `${this.#model.name}, adapter off`;
        return new EngineJudge(this.#model.gpuModel.decoder, { tokenizer, prompts, name, seesDialogue });
      }
      case 'endpoint':
      case 'webLlm': {
        const chat = createChatModel(config, this.#model, this.#ask);
        const judge = new ChatJudge(chat, { prompts, seesDialogue, ...(temperature !== undefined && { temperature }) });
        return withDispose(judge, () => undefined);
      }
      case 'rule':
        return withDispose(new RuleJudge(config.rule), () => undefined);
      case 'human': {
        const judge = this.#desk.open(onHumanAsked);
        return withDispose(judge, () => this.#desk.close(judge));
      }
      default:
        return assertNever(config);
    }
  }
}

function withDispose(judge: Judge, dispose: () => void): OpenJudge {
  return {
    name: judge.name,
    score: (answer, signal) => judge.score(answer, signal),
    [Symbol.dispose]: dispose,
  };
}

/** The same answer with its goals in the other order. */
export function swapped(answer: JudgedAnswer): JudgedAnswer {
  return { ...answer, persona1: answer.persona2, persona2: answer.persona1 };
}

/** Gives the goals in the other order. */
export function swappingJudge(judge: Judge): Judge {
  return {
    name: `${judge.name}, goals swapped`,
    score: (answer: JudgedAnswer, signal?: AbortSignal): Promise<JudgeVerdict> => judge.score(swapped(answer), signal),
  };
}
