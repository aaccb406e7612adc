import type { ReactElement } from 'react';
import { reasonNotToAsk } from '@/state/chat-status.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { useChat } from './chat-context.tsx';
import { nameOfModel } from './chat-request.ts';

const STARTERS = [
  'What is the capital of France?',
  'Explain in three sentences why the sky is blue.',
  'Write a short, friendly note to a neighbour about noise at night.',
] as const;

/** What will happen, and something to begin with. */
export function FirstQuestions({ onChosen }: { readonly onChosen: () => void }): ReactElement {
  const chat = useChat();
  const obstacle = useAppState(reasonNotToAsk);
  const model = useAppState((state) => nameOfModel(state.chatForm, state.model.name));
  return (
    <div className="first-questions">
      <p className="first-questions__lead">
        {obstacle === null
          ? `${model} answers here, word by word. Each answer and each question can be had in other versions.`
          : 'A plain chat with any model: the loaded one, one of web-llm, or one on a server.'}
      </p>
      <ul>
        {STARTERS.map((question) => (
          <li key={question}>
            <button
              type="button"
              disabled={obstacle !== null}
              onClick={() => {
                chat.ask(question);
                onChosen();
              }}
            >
              {question}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
