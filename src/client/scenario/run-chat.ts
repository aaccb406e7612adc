/** Runs a scenario of the chat: the questions one after the other, each with what was said before it. */
import type { ChatAnswer, ChatModelConfig, ChatRequest, ChatToken } from '@/protocol/chat.ts';
import { chatRequest } from '@/protocol/chat-request.ts';
import { type ChatSettings, DEFAULT_CHAT_SETTINGS } from '@/protocol/chat-settings.ts';
import type { ChatMessage } from '@/protocol/generation.ts';
import type { OutcomeStream, TimingRatio } from '@/protocol/scenario/outcome.ts';
import type { ScenarioOf } from '@/protocol/scenario/scenario.ts';
import { answerNameOf } from '@/protocol/scenario/stream-names.ts';
import type { PanelOutcome, RunContext } from './panel-run.ts';
import { timingRatio } from './timing-ratios.ts';

type Chat = ScenarioOf<'chat'>;

/** Enough for a margin and what came second. */
const TOP_LOG_PROBS = 2;

export async function runChat(scenario: Chat, context: RunContext): Promise<PanelOutcome> {
  const { inputs, settings, seed } = scenario;
  const model = modelOf(inputs);
  const said: ChatMessage[] = [];
  const answers: ChatAnswer[] = [];
  let numTokens = 0;
  for (const { text, settings: own } of inputs.questions) {
    said.push({ role: 'user', content: text });
    const asked = { ...DEFAULT_CHAT_SETTINGS, ...settings, ...(seed !== undefined && { seed }), ...own };
    const answer = await context.engine.chat(model, {
      ...requestOf(said, asked, model, context),
      signal: context.signal,
      onDelta: ({ tokens }) => {
        numTokens += tokens.length;
        context.progressed(numTokens, numTokens);
      },
    });
    said.push({ role: 'assistant', content: answer.text });
    answers.push(answer);
  }
  return {
    streams: answers.map(streamOf),
    facts: Object.fromEntries(answers.map(({ stopReason }, i) => [`answer${i + 1}.stop`, stopReason])),
    metrics: metricsOf(answers),
    ratios: ratiosOf(answers),
  };
}

/** A server's address on the page's own server is made whole. */
function modelOf({ model, timeoutMs }: Chat['inputs']): ChatModelConfig {
  if (model.kind !== 'endpoint') return model;
  const { url, model: name, maxAttempts } = model;
  return {
    kind: 'endpoint',
    url: new URL(url, location.href).href,
    model: name,
    // What is scripted to fail fails at once.
    maxAttempts: maxAttempts ?? 1,
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

function requestOf(
  said: readonly ChatMessage[],
  settings: ChatSettings,
  { kind }: ChatModelConfig,
  { model }: RunContext,
): ChatRequest {
  const { systemPrompt } = settings;
  const isOurs = kind === 'engine';
  const messages: ChatMessage[] =
    systemPrompt.trim() === '' ? [...said] : [{ role: 'system', content: systemPrompt }, ...said];
  return chatRequest(messages, settings, {
    kind,
    canSwitch: !isOurs || model?.hasThinkingSwitch === true,
    ...(isOurs && { topLogProbs: TOP_LOG_PROBS }),
  });
}

function streamOf({ text, thinking, tokens }: ChatAnswer, i: number): OutcomeStream {
  const ids = (tokens ?? []).flatMap(({ tokenId }) => (tokenId === undefined ? [] : [tokenId]));
  const hasIds = tokens !== null && ids.length === tokens.length;
  return {
    name: answerNameOf(i),
    tokenIds: hasIds ? ids : [],
    text: thinking === null ? text : `<think>${thinking}</think>${text}`,
    ...(hasIds && { choices: tokens.map(choiceOf) }),
  };
}

/** The margin says nothing of a token that was drawn though another one was likelier. */
function choiceOf({ logProb, top }: ChatToken): { logProb: number; margin?: number } {
  const [first, second] = top;
  return first === undefined || second === undefined || logProb < first.logProb
    ? { logProb }
    : { logProb, margin: first.logProb - second.logProb };
}

function metricsOf(answers: readonly ChatAnswer[]): Record<string, number> {
  return Object.fromEntries(
    answers.flatMap(({ timing, text }, i) => [
      ...(timing.numTokens === null ? [] : [[`answer${i + 1}.tokens`, timing.numTokens] as const]),
      [`answer${i + 1}.characters`, text.length] as const,
    ]),
  );
}

/** Tokens come to the page several at a time, so that only their mean says something. */
function ratiosOf(answers: readonly ChatAnswer[]): TimingRatio[] {
  const counted = answers.flatMap(({ timing: { timeToFirstTokenMs, totalMs, numTokens } }) =>
    numTokens !== null && numTokens > 1
      ? [{ firstMs: timeToFirstTokenMs, laterMs: (totalMs - timeToFirstTokenMs) / (numTokens - 1) }]
      : [],
  );
  return timingRatio(
    'the first token, reading included / a later one',
    counted.map(({ firstMs }) => firstMs),
    counted.map(({ laterMs }) => laterMs),
  );
}
