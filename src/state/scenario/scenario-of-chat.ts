/** The shown versions of a conversation as the scenario that repeats them. */
import type { ChatSettings } from '@/protocol/chat-settings.ts';
import type { WrittenScenario } from '@/protocol/scenario/scenario.ts';
import { answerNameOf } from '@/protocol/scenario/stream-names.ts';
import type { AppState } from '../app-store.ts';
import { pathOf, type AnswerNode, type Conversation } from '../chat-tree.ts';
import { SCENARIO_HEAD } from './scenario-file.ts';
import { modelPart, notRepeatable } from './scenario-model.ts';

interface Exchange {
  readonly question: string;
  readonly answer: AnswerNode;
}

/** @throws {Failure} 'invalidConfig' with the reason if a file cannot repeat it */
export function scenarioOfChat({ model }: Pick<AppState, 'model'>, chat: Conversation): WrittenScenario {
  const exchanges = exchangesOf(chat);
  const [first] = exchanges;
  if (first === undefined) throw notRepeatable('The conversation has no finished answer.');
  const { madeBy } = first.answer.made;
  const { note, ...part } = modelPart(model, madeBy);
  for (const { answer } of exchanges) refuseUnrepeatable(answer, model.info?.name ?? '');
  if (exchanges.some(({ answer: { made } }) => JSON.stringify(made.madeBy) !== JSON.stringify(madeBy)))
    throw notRepeatable('The model was loaded anew in between, in another way; a scenario loads it once.');
  const { seed, ...settings } = first.answer.made.settings;
  return {
    ...SCENARIO_HEAD,
    name: chat.name,
    description: `Saved from the Chat panel: the versions that were shown.${note}`,
    panel: 'chat',
    ...part,
    inputs: {
      questions: exchanges.map(({ question, answer }) => ({ text: question, ...ownSettings(answer, first.answer) })),
    },
    settings,
    seed,
    expect: { tokenIds: Object.fromEntries(exchanges.map(({ answer }, i) => [answerNameOf(i), idsOf(answer)])) },
  };
}

/** Up to the first that was not answered: what was asked behind it, was asked with that in the conversation. */
function exchangesOf(chat: Conversation): Exchange[] {
  const path = pathOf(chat);
  const exchanges = path.flatMap((node, i): Exchange[] => {
    const next = path[i + 1];
    return node.role === 'user' && next?.role === 'assistant' ? [{ question: node.text, answer: next }] : [];
  });
  const end = exchanges.findIndex(({ answer }) => !isOver(answer));
  if (end < 0) return exchanges;
  if (exchanges.slice(end).some(({ answer }) => isOver(answer)))
    throw notRepeatable('An answer in the middle failed, and the conversation went on. Ask that question again.');
  return exchanges.slice(0, end);
}

function isOver({ state }: AnswerNode): boolean {
  return state === 'done' || state === 'stopped';
}

function refuseUnrepeatable({ made, tokens, isContinued }: AnswerNode, loaded: string): void {
  if (isContinued === true) throw notRepeatable('An answer was continued, which a scenario cannot do. Ask again.');
  if (made.kind !== 'engine') throw notRepeatable('Only answers of the loaded model repeat themselves.');
  if (made.model !== loaded) throw notRepeatable(`${made.model} answered, and another model is loaded.`);
  if (made.adapter !== null) throw notRepeatable('An adapter took part, which a scenario has no place for.');
  if (tokens === null || tokens.some(({ tokenId }) => tokenId === undefined))
    throw notRepeatable('The answer was kept without its tokens. Ask again.');
}

/** Where they are not the first answer's; an answer that was stopped ends where it did. */
function ownSettings(
  { made, state, tokens }: AnswerNode,
  { made: first }: AnswerNode,
): { settings?: Partial<ChatSettings> } {
  const own: Partial<ChatSettings> = Object.fromEntries(
    Object.entries(made.settings).filter(([key, value]) => first.settings[key as keyof ChatSettings] !== value),
  );
  const all = { ...own, ...(state === 'stopped' && { maxTokens: Math.max(1, tokens?.length ?? 1) }) };
  return Object.keys(all).length === 0 ? {} : { settings: all };
}

function idsOf({ tokens }: AnswerNode): number[] {
  return (tokens ?? []).flatMap(({ tokenId }) => (tokenId === undefined ? [] : [tokenId]));
}
