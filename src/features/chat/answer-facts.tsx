import type { ReactElement } from 'react';
import type { AnswerNode } from '@/state/chat-tree.ts';
import { Fact } from '@/ui/fact.tsx';
import { formatRate, formatSeconds } from '@/ui/format.ts';

/** What an answer took, and what it was made with. */
export function AnswerFacts({ node }: { readonly node: AnswerNode }): ReactElement {
  const { timing, made } = node;
  const adapter = adapterText(node);
  const rate = timing === null ? null : rateOf(timing);
  return (
    <span className="message__facts">
      {timing !== null && (
        <Fact
          value={formatSeconds(timing.timeToFirstTokenMs)}
          unit="s to the first"
          meaning="Seconds from asking to the first token: the model reads the whole conversation before it."
        />
      )}
      {rate !== null && (
        <Fact value={formatRate(rate)} unit="tok/s" meaning="Tokens per second, after the first one." />
      )}
      {timing?.numTokens !== undefined && timing.numTokens !== null && (
        <Fact
          value={timing.numTokens.toLocaleString('en')}
          unit={timing.numTokens === 1 ? 'token' : 'tokens'}
          meaning="Of this answer, thoughts included."
        />
      )}
      {adapter !== null && (
        <Fact value={adapter} unit="" meaning="Whether the loaded model answered with a LoRA adapter." />
      )}
      <Fact value={made.settings.temperature} unit="temperature" meaning={<Made node={node} />} />
    </span>
  );
}

/** Null where there is nothing to say. */
function adapterText({ made }: AnswerNode): string | null {
  if (made.adapter !== null) return `adapter ${made.adapter}`;
  return made.kind === 'engine' && made.settings.adapter === 'off' ? 'adapter off' : null;
}

function Made({ node: { made } }: { readonly node: AnswerNode }): ReactElement {
  const { settings } = made;
  return (
    <>
      Made with temperature {settings.temperature}, top p {settings.topP}
      {settings.topK > 0 && `, top k ${settings.topK}`}
      {settings.minP > 0 && `, min p ${settings.minP}`}, seed {settings.seed}, at most {settings.maxTokens} tokens
      {made.adapter !== null && `, adapter ${made.adapter}`}
      {settings.systemPrompt.trim() !== '' && ', and a system prompt'}.
    </>
  );
}

/** Null where it cannot be said. */
function rateOf({ timeToFirstTokenMs, totalMs, numTokens }: NonNullable<AnswerNode['timing']>): number | null {
  const seconds = (totalMs - timeToFirstTokenMs) / 1000;
  return numTokens === null || numTokens < 2 || seconds <= 0 ? null : (numTokens - 1) / seconds;
}
