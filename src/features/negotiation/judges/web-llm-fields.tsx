import { useSyncExternalStore, type ReactElement } from 'react';
import { webLlm } from '@/client/web-llm-chat.ts';
import { WEB_LLM_MODELS } from '@/client/web-llm-models.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { WebLlmPicker } from '@/ui/web-llm-picker.tsx';
import type { JudgeFieldsProps } from './judge-fields.tsx';

/** Which model of web-llm judges, and its load. */
export function WebLlmFields({ form, onChange }: JudgeFieldsProps): ReactElement {
  const hasF16 = useAppState((state) => state.model.device?.features.includes('shader-f16') ?? true);
  const status = useSyncExternalStore(webLlm.subscribe, webLlm.status);
  return (
    <WebLlmPicker
      models={WEB_LLM_MODELS}
      chosen={form.webLlmModel}
      hasF16={hasF16}
      status={status}
      onChoose={(webLlmModel) => onChange({ webLlmModel })}
      // What becomes of it is its status.
      onLoad={() => void webLlm.load(form.webLlmModel).catch(() => undefined)}
      onUnload={() => webLlm.unload()}
    />
  );
}
