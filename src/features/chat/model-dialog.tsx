import '@/ui/kind-cards.css';
import '@/ui/model-fields.css';
import { useId, useSyncExternalStore, type ReactElement } from 'react';
import { webLlm } from '@/client/web-llm-chat.ts';
import { findWebLlmBuild, WEB_LLM_MODELS } from '@/client/web-llm-models.ts';
import { assertNever } from '@/lib/assert.ts';
import { CHAT_CAPABILITIES, type ChatCapabilityName, type ChatModelKind } from '@/protocol/chat.ts';
import type { AppState } from '@/state/app-store.ts';
import { problemsOfChatForm } from '@/state/chat-form.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { ServerFields } from '@/ui/server-fields.tsx';
import { WebLlmPicker } from '@/ui/web-llm-picker.tsx';

const KINDS: readonly { readonly kind: ChatModelKind; readonly name: string; readonly what: string }[] = [
  { kind: 'engine', name: 'This model', what: 'The model that the header names, on this GPU.' },
  { kind: 'webLlm', name: 'web-llm', what: 'A second engine in this page with a model of its own.' },
  {
    kind: 'endpoint',
    name: 'A server',
    what: 'A model behind an address that speaks OpenAI’s chat completions: Ollama, LM Studio, llama.cpp, vLLM, or a paid service.',
  },
];

/** What matters in a chat, as it is called there. */
const ABILITIES: readonly { readonly name: ChatCapabilityName; readonly label: string }[] = [
  { name: 'logProbs', label: 'Token probabilities' },
  { name: 'adapters', label: 'Adapters' },
  { name: 'offline', label: 'Without a network' },
];

interface ModelDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Who answers. What is chosen counts at once. */
export function ModelDialog({ isOpen, onClose }: ModelDialogProps): ReactElement {
  return (
    <Dialog title="Chat with" isOpen={isOpen} onClose={onClose} isLocked={false} isFullScreen={false}>
      <ModelCards />
    </Dialog>
  );
}

function ModelCards(): ReactElement {
  const store = useAppStore();
  const chosen = useAppState((state) => state.chatForm.kind);
  const name = useId();
  return (
    <fieldset className="kind-cards">
      <legend className="visually-hidden">Who answers</legend>
      {KINDS.map(({ kind, name: title, what }) => (
        <div key={kind} className="kind-card" data-chosen={kind === chosen}>
          <label>
            <input
              type="radio"
              name={name}
              aria-label={title}
              aria-describedby={`${name}-${kind}`}
              checked={kind === chosen}
              onChange={() => store.getState().chatFormChanged({ kind, webLlmModel: webLlmModelFor(store.getState()) })}
            />
            <span id={`${name}-${kind}`}>
              <strong>{title}</strong>
              <span>{what}</span>
              {kind === chosen && <Abilities kind={kind} />}
            </span>
          </label>
          {kind === chosen && <KindFields kind={kind} />}
        </div>
      ))}
    </fieldset>
  );
}

/** The chosen build of web-llm; without shader-f16, the one of the same model that runs there. */
function webLlmModelFor({ chatForm: { webLlmModel }, model }: Pick<AppState, 'chatForm' | 'model'>): string {
  const hasF16 = model.device?.features.includes('shader-f16') ?? true;
  return hasF16 ? webLlmModel : (findWebLlmBuild(webLlmModel)?.model.f32.id ?? webLlmModel);
}

function Abilities({ kind }: { readonly kind: ChatModelKind }): ReactElement {
  return (
    <>
      {ABILITIES.map(({ name, label }) => {
        const { has, note } = CHAT_CAPABILITIES[kind][name];
        return (
          <span key={name}>
            {label}: {has ? 'yes' : 'no'}
            {note === '' ? '.' : `. ${note}`}
          </span>
        );
      })}
    </>
  );
}

function KindFields({ kind }: { readonly kind: ChatModelKind }): ReactElement | null {
  switch (kind) {
    case 'engine':
      return null;
    case 'webLlm':
      return <WebLlmFields />;
    case 'endpoint':
      return <EndpointFields />;
    default:
      return assertNever(kind);
  }
}

function EndpointFields(): ReactElement {
  const store = useAppStore();
  const form = useAppState((state) => state.chatForm);
  const apiKey = useAppState((state) => state.chatKey);
  const { chatFormChanged, chatKeyChanged } = store.getState();
  return (
    <div className="model-fields">
      <ServerFields
        url={form.url}
        model={form.model}
        apiKey={apiKey}
        urlProblem={problemsOfChatForm(form).url}
        onUrl={(url) => chatFormChanged({ url })}
        onModel={(model) => chatFormChanged({ model })}
        onKey={chatKeyChanged}
      />
    </div>
  );
}

// What they are noted for is judging.
const MODELS = WEB_LLM_MODELS.map((model) => ({ ...model, note: '' }));

function WebLlmFields(): ReactElement {
  const store = useAppStore();
  const chosen = useAppState((state) => state.chatForm.webLlmModel);
  const hasF16 = useAppState((state) => state.model.device?.features.includes('shader-f16') ?? true);
  const status = useSyncExternalStore(webLlm.subscribe, webLlm.status);
  return (
    <WebLlmPicker
      models={MODELS}
      chosen={chosen}
      hasF16={hasF16}
      status={status}
      onChoose={(webLlmModel) => store.getState().chatFormChanged({ webLlmModel })}
      // What becomes of it is its status.
      onLoad={() => void webLlm.load(chosen).catch(() => undefined)}
      onUnload={() => webLlm.unload()}
    />
  );
}
