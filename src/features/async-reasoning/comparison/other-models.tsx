import './other-models.css';
import { Checkbox } from '@mantine/core';
import { useSyncExternalStore, type ReactElement } from 'react';
import { webLlm } from '@/client/web-llm-chat.ts';
import { WEB_LLM_MODELS } from '@/client/web-llm-models.ts';
import { assertNever } from '@/lib/assert.ts';
import { CHAT_CAPABILITIES } from '@/protocol/chat.ts';
import { OTHER_MODEL_KINDS, type OtherModelKind } from '@/protocol/comparison.ts';
import { changedOthers, problemsOfOthers, type OthersForm } from '@/state/comparison-others.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { ServerFields } from '@/ui/server-fields.tsx';
import { WebLlmPicker } from '@/ui/web-llm-picker.tsx';

const KINDS: Readonly<Record<OtherModelKind, { readonly name: string; readonly gloss: string }>> = {
  webLlm: { name: 'A model on web-llm', gloss: 'a second engine in this page, on the same GPU' },
  endpoint: { name: 'A model on a server', gloss: 'anything that speaks OpenAI’s chat completions' },
};

interface OtherModelsProps {
  readonly form: OthersForm;
  readonly onChange: (form: OthersForm) => void;
}

/** Models that answer the same question beside the loaded one's own ways. */
export function OtherModels({ form, onChange }: OtherModelsProps): ReactElement {
  const change = (part: Partial<OthersForm>): void => onChange(changedOthers(form, part));
  const toggle = (kind: OtherModelKind, isChosen: boolean): void =>
    change({
      kinds: OTHER_MODEL_KINDS.filter((other) => (other === kind ? isChosen : form.kinds.includes(other))),
    });
  return (
    <fieldset className="other-models">
      <legend>Other models beside them</legend>
      <div className="other-models__kinds">
        {OTHER_MODEL_KINDS.map((kind) => (
          <div key={kind} className="other-models__kind">
            <Checkbox
              size="xs"
              label={KINDS[kind].name}
              description={KINDS[kind].gloss}
              checked={form.kinds.includes(kind)}
              onChange={(event) => toggle(kind, event.currentTarget.checked)}
            />
            {form.kinds.includes(kind) && (
              <div className="model-fields">
                <p className="model-fields__advice">
                  Asked as in a chat, not asynchronously. {CHAT_CAPABILITIES[kind].kvBlocks.note}
                </p>
                <KindFields kind={kind} form={form} change={change} />
              </div>
            )}
          </div>
        ))}
      </div>
    </fieldset>
  );
}

interface KindFieldsProps {
  readonly kind: OtherModelKind;
  readonly form: OthersForm;
  readonly change: (part: Partial<OthersForm>) => void;
}

function KindFields({ kind, form, change }: KindFieldsProps): ReactElement {
  switch (kind) {
    case 'webLlm':
      return <WebLlmFields chosen={form.webLlmModel} onChoose={(webLlmModel) => change({ webLlmModel })} />;
    case 'endpoint':
      return (
        <ServerFields
          url={form.url}
          model={form.model}
          apiKey={form.apiKey}
          urlProblem={problemsOfOthers(form).url}
          onUrl={(url) => change({ url })}
          onModel={(model) => change({ model })}
          onKey={(apiKey) => change({ apiKey })}
        />
      );
    default:
      return assertNever(kind);
  }
}

// What they are noted for is judging.
const MODELS = WEB_LLM_MODELS.map((model) => ({ ...model, note: '' }));

interface WebLlmFieldsProps {
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
}

function WebLlmFields({ chosen, onChoose }: WebLlmFieldsProps): ReactElement {
  const hasF16 = useAppState((state) => state.model.device?.features.includes('shader-f16') ?? true);
  const status = useSyncExternalStore(webLlm.subscribe, webLlm.status);
  return (
    <WebLlmPicker
      models={MODELS}
      chosen={chosen}
      hasF16={hasF16}
      status={status}
      onChoose={onChoose}
      // What becomes of it is its status.
      onLoad={() => void webLlm.load(chosen).catch(() => undefined)}
      onUnload={() => webLlm.unload()}
    />
  );
}
