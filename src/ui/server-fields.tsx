import './model-fields.css';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';

interface ServerFieldsProps {
  readonly url: string;
  readonly model: string;
  readonly apiKey: string;
  readonly urlProblem: string | undefined;
  readonly onUrl: (url: string) => void;
  readonly onModel: (model: string) => void;
  readonly onKey: (key: string) => void;
}

/** Where servers listen unless they are told otherwise, and what lets this page call them. */
const SERVER_PRESETS = [
  {
    name: 'Ollama',
    url: 'http://localhost:11434/v1',
    hint: 'Ollama lets pages on localhost call it; for others, start it with OLLAMA_ORIGINS set to their address.',
  },
  { name: 'LM Studio', url: 'http://localhost:1234/v1', hint: 'Turn on CORS in LM Studio’s server settings.' },
  { name: 'llama.cpp', url: 'http://localhost:8080/v1', hint: 'llama-server lets pages call it as it is.' },
  {
    name: 'vLLM',
    url: 'http://localhost:8000/v1',
    hint: 'vLLM lets pages call it unless --allowed-origins says otherwise.',
  },
] as const;

/** Where a server with OpenAI's chat completions is, which of its models is asked, and the key for it. */
export function ServerFields(props: ServerFieldsProps): ReactElement {
  const { url, model, apiKey, urlProblem, onUrl, onModel, onKey } = props;
  const preset = SERVER_PRESETS.find((one) => one.url === url);
  return (
    <>
      <div className="model-fields__presets" role="group" aria-label="Servers at their usual address">
        {SERVER_PRESETS.map((one) => (
          <Button
            key={one.name}
            variant={one.url === url ? 'filled' : 'default'}
            size="compact-xs"
            aria-pressed={one.url === url}
            onClick={() => onUrl(one.url)}
          >
            {one.name}
          </Button>
        ))}
      </div>
      <TextInput
        label="Address"
        description={hintOf(url, preset?.hint)}
        inputMode="url"
        spellCheck={false}
        value={url}
        error={urlProblem}
        onChange={(event) => onUrl(event.currentTarget.value)}
      />
      <div className="model-fields__row">
        <TextInput
          label="Model"
          placeholder="such as qwen3:8b"
          description="Its name on the server. It has to be filled in."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          spellCheck={false}
          required
          value={model}
          onChange={(event) => onModel(event.currentTarget.value)}
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
    </>
  );
}

function hintOf(url: string, hint: string | undefined): string {
  const isPlain = url.startsWith('http://') && !/^http:\/\/(localhost|127\.|\[::1\])/.test(url);
  if (isPlain && location.protocol === 'https:') return 'From an https page, browsers call http only on localhost.';
  return hint ?? 'Up to /v1, or the whole address. The server must let this page call it (CORS).';
}
