/** Which prompt comes next in a dialogue. Knows tokens and texts, and no decoder. */
import { at } from '@/lib/assert.ts';
import type { ChatMessage } from '@/protocol/generation.ts';
import type { NegotiationPrompts } from '@/protocol/negotiation-prompts.ts';
import type { NegotiationRole, Utterance } from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import { joined, type Prompt, promptPieces, promptTokens, slotOf, withoutSlots } from './prompt-tokens.ts';

/** What two sides negotiate about. */
export interface NegotiationTask {
  readonly dilemma: string;
  readonly persona1: string;
  readonly persona2: string;
}

type Said = Pick<Utterance, 'role' | 'tokenIds'>;

/** Ids around what is heard and what is thought. */
export interface Listening {
  readonly before: readonly number[];
  readonly bridge: readonly number[];
  readonly behind: readonly number[];
}

/**
 * The part of a dialogue that its next speaker sees.
 *
 * In exchanges, the turn that is under way is one of them: with two, agent 1 sees up to four utterances, agent 2 three.
 */
export function recentUtterances<T>(
  utterances: readonly T[],
  { contextTurns, contextUnit }: Pick<NegotiationSettings, 'contextTurns' | 'contextUnit'>,
): readonly T[] {
  if (contextUnit === 'utterances') return utterances.slice(-contextTurns);
  const isMidTurn = utterances.length % 2 === 1;
  return utterances.slice(-(2 * contextTurns - (isMidTurn ? 1 : 0)));
}

export class DialoguePrompts {
  readonly #tokenizer: ChatTokenizer;
  readonly #prompts: NegotiationPrompts;
  readonly #task: NegotiationTask;
  readonly #settings: NegotiationSettings;
  readonly #stopIds: ReadonlySet<number>;
  readonly #openings: Record<NegotiationRole, readonly ChatMessage[]>;
  readonly #shared: Record<NegotiationRole, readonly number[]>;

  constructor(
    tokenizer: ChatTokenizer,
    prompts: NegotiationPrompts,
    task: NegotiationTask,
    settings: NegotiationSettings,
  ) {
    this.#tokenizer = tokenizer;
    this.#prompts = prompts;
    this.#settings = settings;
    this.#stopIds = new Set(tokenizer.stopTokenIds);
    this.#task = {
      dilemma: withoutSlots(task.dilemma),
      persona1: withoutSlots(task.persona1),
      persona2: withoutSlots(task.persona2),
    };
    const { dilemma, persona1, persona2 } = this.#task;
    this.#openings = {
      agent1: prompts.opening({ role: 'agent1', dilemma, persona: persona1 }),
      agent2: prompts.opening({ role: 'agent2', dilemma, persona: persona2 }),
    };
    const first = this.#prompt('agent2', [{ role: 'agent1', tokenIds: [] }]);
    this.#shared = { agent1: this.#prompt('agent1', []).ids, agent2: first.ids.slice(0, first.numShared) };
  }

  /** What a side's prompts begin with, up to the first thing that was said, in all rows of a group. */
  opening(role: NegotiationRole): readonly number[] {
    return this.#shared[role];
  }

  /** @param said  the whole dialogue so far; agent 1 speaks first */
  next(role: NegotiationRole, said: readonly Said[]): readonly number[] {
    return this.#prompt(role, said).ids;
  }

  /**
   * What a side reads that thinks while it listens: `before` what the other side is saying now, from there to its
   * thoughts, and behind them up to its own words.
   *
   * @param said  the dialogue so far; what is being said now is not in it
   */
  listening(role: NegotiationRole, said: readonly Said[]): Listening {
    const heard: Said = { role: role === 'agent1' ? 'agent2' : 'agent1', tokenIds: [] };
    const recent = recentUtterances([...said, heard], this.#settings);
    const { opening, behind } = this.#prompts.thoughts({ role });
    const thoughts: ChatMessage[] = [
      { role: 'assistant', content: opening + slotOf(recent.length) },
      { role: 'user', content: behind },
    ];
    const { pieces } = promptPieces(this.#tokenizer, joined([...this.#messages(role, recent), ...thoughts]));
    const earlier = this.#idsOf(recent.slice(0, -1));
    const before = earlier.flatMap((ids, index) => [...at(pieces, index), ...ids]);
    const last = pieces.length - 1;
    return { before: [...before, ...at(pieces, last - 2)], bridge: at(pieces, last - 1), behind: at(pieces, last) };
  }

  #prompt(role: NegotiationRole, said: readonly Said[]): Prompt {
    const recent = recentUtterances(said, this.#settings);
    return promptTokens(this.#tokenizer, this.#messages(role, recent), this.#idsOf(recent));
  }

  #messages(role: NegotiationRole, recent: readonly Said[]): readonly ChatMessage[] {
    const heard = recent.map((utterance, index): ChatMessage => {
      if (utterance.role === role) return { role: 'assistant', content: slotOf(index) };
      return {
        role: 'user',
        content: this.#prompts.heard({ role, dilemma: this.#task.dilemma, utterance: slotOf(index) }),
      };
    });
    return joined([...this.#openings[role], ...heard]);
  }

  completion(said: readonly Said[]): Prompt {
    const seen = this.#settings.completionSees === 'all' ? said : recentUtterances(said, this.#settings);
    const dialogue = seen.map(({ role }, index) => ({ role, text: slotOf(index) }));
    const messages = this.#prompts.completion({ ...this.#task, dialogue });
    return promptTokens(this.#tokenizer, messages, this.#idsOf(seen));
  }

  /** Only the dilemma and one exchange. */
  agreement(exchange: readonly Said[]): Prompt {
    const messages = this.#prompts.agreement({
      dilemma: this.#task.dilemma,
      utterance1: slotOf(0),
      utterance2: slotOf(1),
      yes: this.#settings.agreementYes,
      no: this.#settings.agreementNo,
    });
    return promptTokens(this.#tokenizer, messages, this.#idsOf(exchange));
  }

  /** Without the stop token: the template closes the turn itself. */
  #idsOf(said: readonly Said[]): (readonly number[])[] {
    return said.map(({ tokenIds }) => {
      const isClosed = tokenIds.length > 0 && this.#stopIds.has(at(tokenIds, tokenIds.length - 1));
      return isClosed ? tokenIds.slice(0, -1) : tokenIds;
    });
  }
}
