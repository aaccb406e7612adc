import { memo, type ReactElement } from 'react';
import { CHAT_FIELDS, CHAT_GROUPS, CHAT_KEYS, CHAT_PRESETS } from '@/protocol/chat-fields.ts';
import { chatSettingsSchema, DEFAULT_CHAT_SETTINGS, type ChatSettings } from '@/protocol/chat-settings.ts';
import { chatSettingsOf, readChatChanges } from '@/state/chat-settings-slice.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { SettingField } from '@/ui/settings/setting-field.tsx';
import { SettingsDrawer } from '@/ui/settings/settings-drawer.tsx';
import type { SettingsForm } from '@/ui/settings/settings-form.ts';
import { noAdapter, noSampleFilters, noThinkingSwitch } from './chat-request.ts';

const CHAT_FORM: SettingsForm<ChatSettings> = {
  fields: CHAT_FIELDS,
  keys: CHAT_KEYS,
  groups: CHAT_GROUPS,
  // The schema alone would add the defaults of what was left out.
  read: (values) => (chatSettingsSchema.safeParse(values).success ? readChatChanges(values) : null),
  example: '{"temperature": 0}',
};

interface ChatSettingsDrawerProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** How an answer is asked for: presets, groups with search, and the settings as a text. */
export function ChatSettingsDrawer({ isOpen, onClose }: ChatSettingsDrawerProps): ReactElement {
  const store = useAppStore();
  const chatChanges = useAppState((state) => state.chatChanges);
  return (
    <SettingsDrawer
      form={CHAT_FORM}
      presets={CHAT_PRESETS}
      settings={chatSettingsOf({ chatChanges })}
      changes={chatChanges}
      defaults={DEFAULT_CHAT_SETTINGS}
      defaultsText="All settings are the defaults."
      onChange={(changed) => store.getState().chatSettingsChanged(changed)}
      renderField={(name) => <ChatSetting key={name} name={name} />}
      isOpen={isOpen}
      onClose={onClose}
    />
  );
}

const ChatSetting = memo(function ChatSetting({ name }: { readonly name: keyof ChatSettings }): ReactElement {
  const store = useAppStore();
  const value: unknown = useAppState((state) => chatSettingsOf(state)[name]);
  const isChanged = useAppState((state) => name in state.chatChanges);
  const obstacle = useAppState(({ chatForm, model }) => {
    if (name === 'adapter') return noAdapter(chatForm.kind);
    if (name === 'topK' || name === 'minP') return noSampleFilters(chatForm.kind);
    return name === 'thinking' ? noThinkingSwitch(chatForm, model.info) : null;
  });
  const change = (chosen: unknown): void => store.getState().chatSettingsChanged({ [name]: chosen });
  return (
    <SettingField
      name={name}
      field={CHAT_FIELDS[name]}
      {...(obstacle !== null && { remark: `Not used now: ${obstacle}` })}
      setting={{
        value,
        defaultValue: DEFAULT_CHAT_SETTINGS[name],
        isChanged,
        change,
        type: change,
        reset: () => store.getState().chatSettingReset(name),
      }}
    />
  );
});
