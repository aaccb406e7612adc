/** Which models can write dilemmas: the loaded one, and the judge's if that is a chat model of its own. */
import type { ChatModelConfig } from '@/protocol/chat.ts';
import type { JudgeConfig } from '@/protocol/negotiation-api.ts';
import { hostOfUrl } from '@/state/server-url.ts';

export type ModelChoice = 'engine' | 'judge';

/** Null where the judge is the loaded model, a rule or a person. */
export function judgeModelOf(judge: JudgeConfig): ChatModelConfig | null {
  return judge.kind === 'endpoint' || judge.kind === 'webLlm' ? judge : null;
}

/** Llama 3 at localhost:8080. */
export function modelLabel(model: ChatModelConfig, loadedName: string | null): string {
  if (model.kind === 'engine') return `${loadedName ?? 'The loaded model'}, its adapter off`;
  return model.kind === 'webLlm'
    ? `${model.model} in this browser (web-llm)`
    : `${model.model} at ${hostOfUrl(model.url)}`;
}
