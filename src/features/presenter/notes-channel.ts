/** Between the presenter view and the window with its notes, which may be on another screen. */
import { isPresenterAction, type PresenterAction } from './presenter-keys.ts';

const CHANNEL = 'duet-presenter';

/** What the view tells. */
export interface ShownPreset {
  readonly presetId: string;
  readonly isPlaying: boolean;
  readonly isAutoDemo: boolean;
}

type Message =
  | ({ readonly kind: 'shown' } & ShownPreset)
  | { readonly kind: 'hello' }
  /** The view is left. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'action'; readonly action: PresenterAction };

/** What is no message of ours is passed over. */
function readMessage(data: unknown): Message | null {
  if (typeof data !== 'object' || data === null || !('kind' in data)) return null;
  if (data.kind === 'hello' || data.kind === 'closed') return { kind: data.kind };
  if (data.kind === 'action' && 'action' in data && isPresenterAction(data.action))
    return { kind: 'action', action: data.action };
  if (data.kind !== 'shown') return null;
  const { presetId, isPlaying, isAutoDemo } = data as Partial<ShownPreset>;
  if (typeof presetId !== 'string') return null;
  return { kind: 'shown', presetId, isPlaying: isPlaying === true, isAutoDemo: isAutoDemo === true };
}

export interface NotesChannel {
  readonly send: (message: Message) => void;
  readonly close: () => void;
}

/** Where the browser has no such channel, nothing is sent and nothing comes. */
export function openNotesChannel(onMessage: (message: Message) => void): NotesChannel {
  if (!('BroadcastChannel' in globalThis)) return { send: () => undefined, close: () => undefined };
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener('message', ({ data }) => {
    const message = readMessage(data);
    if (message !== null) onMessage(message);
  });
  return { send: (message) => channel.postMessage(message), close: () => channel.close() };
}
