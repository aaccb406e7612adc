/** Which other models a comparison asks, as its form holds it. Only the key is not in a kept comparison. */
import {
  OTHER_MODEL_KINDS,
  type OtherModel,
  type OtherModelConfig,
  type OtherModelKind,
} from '@/protocol/comparison.ts';
import { chatModelOf, problemsOfChatForm, type ChatForm } from './chat-form.ts';
import { keyAtUrl } from './server-url.ts';

export interface OthersForm {
  readonly kinds: readonly OtherModelKind[];
  readonly url: string;
  readonly model: string;
  readonly webLlmModel: string;
  /** In memory only. */
  readonly apiKey: string;
}

/** Nobody, until it is said; the fields begin as those of the chat. */
export function firstOthersForm({ url, model, webLlmModel }: ChatForm, apiKey: string): OthersForm {
  return { kinds: [], url, model, webLlmModel, apiKey };
}

export function changedOthers(form: OthersForm, change: Partial<OthersForm>): OthersForm {
  const next = { ...form, ...change };
  return { ...next, apiKey: change.apiKey ?? keyAtUrl(form.apiKey, form.url, next.url) };
}

/** The form that asks these again. */
export function filledOthers(form: OthersForm, models: readonly OtherModel[]): OthersForm {
  return models.reduce<OthersForm>(
    (filled, other) =>
      changedOthers(
        filled,
        other.kind === 'webLlm' ? { webLlmModel: other.model } : { url: other.url, model: other.model },
      ),
    { ...form, kinds: models.map(({ kind }) => kind) },
  );
}

/** By field; of a server that is not asked nothing is wrong. */
export function problemsOfOthers(form: OthersForm): { readonly url?: string; readonly model?: string } {
  return form.kinds.includes('endpoint') ? problemsOfChatForm({ ...form, kind: 'endpoint' }) : {};
}

/** The chosen models, in the order in which they are asked; those with a problem are left out. */
export function othersOf(form: OthersForm): OtherModelConfig[] {
  return OTHER_MODEL_KINDS.filter((kind) => form.kinds.includes(kind)).flatMap((kind) => {
    const config = chatModelOf({ ...form, kind }, form.apiKey);
    return config === null || config.kind === 'engine' ? [] : [config];
  });
}
