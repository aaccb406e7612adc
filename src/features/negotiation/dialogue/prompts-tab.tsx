import './other-tabs.css';
import { useState, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import type { Utterance } from '@/protocol/negotiation-run.ts';
import type { DialogueView } from '@/state/negotiation-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { PERSONA_NAMES } from '../persona-name.ts';

interface PromptsTabProps {
  readonly dialogue: DialogueView;
  readonly areGoalsShown: boolean;
}

/** What each utterance was written from, token by token as the model read it. */
export function PromptsTab({ dialogue, areGoalsShown }: PromptsTabProps): ReactElement {
  const isReady = useAppState((state) => state.model.status === 'ready');
  const { utterances, completion } = dialogue;
  const all = [...utterances, ...(completion === null ? [] : [completion])];
  if (!areGoalsShown)
    return <p className="prompts__hint">The prompts name the private goals. Show both goals to read them.</p>;
  if (all.length === 0)
    return <p className="prompts__hint">Here will be the prompt of each utterance, as soon as one has been said.</p>;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region must be reachable by keyboard
    <div className="prompts" role="group" aria-label="Prompts" tabIndex={0}>
      <p className="prompts__hint">
        {isReady
          ? 'What the model read before each utterance, special tokens included.'
          : 'Prompts are kept as tokens. Load the model to read them as text.'}
      </p>
      {all.map((utterance, index) => (
        <Prompt key={index} utterance={utterance} isReady={isReady} />
      ))}
    </div>
  );
}

function Prompt({ utterance, isReady }: { readonly utterance: Utterance; readonly isReady: boolean }): ReactElement {
  const duet = useDuet();
  const [text, setText] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const { role, kind, turn, promptIds } = utterance;
  const read = async (): Promise<void> => {
    if (text !== null || !isReady || promptIds.length === 0) return;
    try {
      setText(await duet.detokenize(promptIds));
      setRefusal(null);
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <details className="prompt" data-actor={role} onToggle={() => void read()}>
      <summary>
        <ActorMark actor={role} />
        <strong>{kind === 'completion' ? 'Answer' : `${PERSONA_NAMES[role]}, turn ${turn}`}</strong>
        <span>{promptIds.length.toLocaleString('en')} tokens</span>
      </summary>
      {text !== null && <pre>{text}</pre>}
      {refusal !== null && <p role="alert">{refusal}</p>}
    </details>
  );
}
