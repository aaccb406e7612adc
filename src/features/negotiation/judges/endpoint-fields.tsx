import { Button, NumberInput, PasswordInput, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { problemsOfJudge } from '@/state/judge-form.ts';
import type { JudgeFieldsProps } from './judge-fields.tsx';
import { SERVER_PRESETS } from './judge-texts.ts';

/** Where a server is, which of its models judges, and how long it is waited for. */
export function EndpointFields({ form, apiKey, onChange, onKey }: JudgeFieldsProps): ReactElement {
  const problems = problemsOfJudge(form);
  const preset = SERVER_PRESETS.find(({ url }) => url === form.url);
  const numberOf = (value: number | string): number | null => (typeof value === 'number' ? value : null);
  return (
    <div className="judge-fields">
      <div className="judge-fields__presets" role="group" aria-label="Servers at their usual address">
        {SERVER_PRESETS.map(({ name, url }) => (
          <Button
            key={name}
            variant={url === form.url ? 'filled' : 'default'}
            size="compact-xs"
            aria-pressed={url === form.url}
            onClick={() => onChange({ url })}
          >
            {name}
          </Button>
        ))}
      </div>
      <TextInput
        label="Address"
        description={hintOf(form.url, preset?.hint)}
        inputMode="url"
        spellCheck={false}
        value={form.url}
        error={problems.url}
        onChange={(event) => onChange({ url: event.currentTarget.value })}
      />
      <div className="judge-fields__row">
        <TextInput
          label="Model"
          placeholder="such as qwen3:8b"
          description="Its name on the server. It has to be filled in."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          spellCheck={false}
          required
          value={form.model}
          onChange={(event) => onChange({ model: event.currentTarget.value })}
        />
        <PasswordInput
          label="Key"
          placeholder="none"
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the key' }}
          description="Kept in memory only: gone on reload, and when the server changes."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={apiKey}
          onChange={(event) => onKey(event.currentTarget.value)}
        />
      </div>
      <div className="judge-fields__row">
        <NumberInput
          label="Time limit of a request"
          suffix=" s"
          min={1}
          clampBehavior="none"
          allowDecimal={false}
          value={form.timeoutSeconds ?? ''}
          error={problems.timeoutSeconds}
          onChange={(value) => onChange({ timeoutSeconds: numberOf(value) })}
        />
        <NumberInput
          label="Attempts"
          min={1}
          clampBehavior="none"
          allowDecimal={false}
          value={form.maxAttempts ?? ''}
          error={problems.maxAttempts}
          onChange={(value) => onChange({ maxAttempts: numberOf(value) })}
        />
      </div>
    </div>
  );
}

function hintOf(url: string, hint: string | undefined): string {
  const isPlain = url.startsWith('http://') && !/^http:\/\/(localhost|127\.|\[::1\])/.test(url);
  if (isPlain && location.protocol === 'https:') return 'From an https page, browsers call http only on localhost.';
  return hint ?? 'Up to /v1, or the whole address. The server must let this page call it (CORS).';
}
