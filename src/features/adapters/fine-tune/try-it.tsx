import { Button, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import type { DuetApi, GenerateOptions } from '@/client/duet-api.ts';
import { FAILURES, type FailureMessage } from '@/protocol/failures.ts';
import { toStoredFailure } from '@/state/failure-message.ts';
import { attachedAdapter } from '@/state/training-slice.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Notice } from '@/ui/notice.tsx';
import { EXAMPLE_PROMPT } from './example-data.ts';

const MAX_NEW_TOKENS = 64;

type Side = 'off' | 'on';

/** The same prompt without and with the adapter, so that its effect can be seen. */
export function TryIt(): ReactElement | null {
  const duet = useDuet();
  const adapters = useAppState((state) => state.adapters);
  const hasChatTemplate = useAppState((state) => state.model.info?.hasChatTemplate === true);
  const [prompt, setPrompt] = useState(EXAMPLE_PROMPT);
  const [texts, setTexts] = useState<Readonly<Record<Side, string>> | null>(null);
  const [side, setSide] = useState<Side | null>(null);
  const [failure, setFailure] = useState<FailureMessage | null>(null);
  const current = useRef<AbortController | null>(null);
  // Leaving the tab ends what nobody would see.
  useEffect(() => () => current.current?.abort(), []);
  const attached = attachedAdapter(adapters);
  if (attached === null) return null;

  const compare = async (): Promise<void> => {
    const controller = new AbortController();
    current.current = controller;
    setFailure(null);
    setTexts({ off: '', on: '' });
    try {
      for (const adapter of ['off', 'on'] as const) {
        setSide(adapter);
        const options = { adapter, maxNewTokens: MAX_NEW_TOKENS, signal: controller.signal };
        await generate(duet, prompt, hasChatTemplate, {
          ...options,
          onToken: ({ text }) => setTexts((shown) => shown && { ...shown, [adapter]: shown[adapter] + text }),
        });
      }
    } catch (error) {
      const stored = toStoredFailure(error as { code: string; message: string });
      if (stored.code !== 'cancelled') setFailure(stored);
    } finally {
      setSide(null);
      current.current = null;
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (side === null) void compare();
    else current.current?.abort();
  };
  return (
    <section className="try-it" aria-labelledby="try-it">
      <h3 id="try-it">Try it</h3>
      <form onSubmit={submit}>
        <TextInput
          aria-label="Prompt"
          value={prompt}
          onChange={(event) => setPrompt(event.currentTarget.value)}
          placeholder="A prompt"
        />
        <Button type="submit" size="sm" disabled={prompt.trim() === ''}>
          {side === null ? 'Compare' : 'Stop'}
        </Button>
      </form>
      {failure !== null && <Notice what="There is no answer" why={failure.message} remedy={FAILURES[failure.code]} />}
      <div className="try-it__answers">
        <Answer title="Without the adapter" text={texts?.off ?? ''} isWriting={side === 'off'} />
        <Answer
          title={`With “${attached.adapter.name}”, ${Math.round(attached.blend * 100)} %`}
          text={texts?.on ?? ''}
          isWriting={side === 'on'}
        />
      </div>
      <p className="adapters__note">
        The likeliest token each time, no chance in it, up to {MAX_NEW_TOKENS} tokens: what differs comes from the
        adapter.
      </p>
    </section>
  );
}

interface AnswerProps {
  readonly title: string;
  readonly text: string;
  readonly isWriting: boolean;
}

function Answer({ title, text, isWriting }: AnswerProps): ReactElement {
  return (
    <div aria-busy={isWriting}>
      <h4>{title}</h4>
      <p role="region" aria-label={title}>
        {text}
        {isWriting && text === '' && <span className="adapters__note">Writing.</span>}
      </p>
    </div>
  );
}

/** A model without a chat template goes on from the prompt as it stands. */
async function generate(
  duet: DuetApi,
  prompt: string,
  hasChatTemplate: boolean,
  options: Omit<GenerateOptions, 'messages' | 'tokenIds'>,
): Promise<void> {
  if (hasChatTemplate) await duet.generate({ ...options, messages: [{ role: 'user', content: prompt }] });
  else await duet.generate({ ...options, tokenIds: await duet.tokenize(prompt) });
}
