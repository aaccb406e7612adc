import './notes-window.css';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { PRESENTER_PRESETS } from '@/protocol/presenter-presets.ts';
import { openNotesChannel, type NotesChannel, type ShownPreset } from './notes-channel.ts';
import { actionAtTarget, isModifier, printOf, type PresenterAction } from './presenter-keys.ts';
import { presetAfter } from './presenter-address.ts';

/** Actions that a window which is not in front may not do, or that would be of no use. */
const NOT_FROM_HERE: readonly PresenterAction[] = ['fullScreen', 'notesWindow', 'keys', 'ownQuestion', 'leave'];

/** The notes on the presenter's own screen. Follows the presenter view of the same browser, and passes keys on to it. */
export function NotesWindow(): ReactElement {
  const [shown, setShown] = useState<ShownPreset | null>(null);
  const channel = useRef<NotesChannel | null>(null);
  const isAutoDemo = useRef(false);
  useEffect(() => {
    isAutoDemo.current = shown?.isAutoDemo === true;
  });
  useEffect(() => {
    const opened = openNotesChannel((message) => {
      if (message.kind === 'shown') setShown(message);
      if (message.kind !== 'closed') return;
      setShown(null);
      // Another view may be open.
      opened.send({ kind: 'hello' });
    });
    channel.current = opened;
    opened.send({ kind: 'hello' });
    const onKey = (event: KeyboardEvent): void => {
      const action = isAutoDemo.current && !isModifier(event) ? 'autoDemo' : actionAtTarget(event);
      if (action === null || NOT_FROM_HERE.includes(action)) return;
      event.preventDefault();
      opened.send({ kind: 'action', action });
    };
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
      opened.close();
    };
  }, []);
  const preset = PRESENTER_PRESETS.find(({ id }) => id === shown?.presetId) ?? null;
  const act = (action: PresenterAction): void => channel.current?.send({ kind: 'action', action });
  if (shown === null || preset === null) {
    return (
      <main className="notes-window">
        <h1>Notes for the presenter</h1>
        <p>No presenter view is open in this browser. When one is, this window follows it.</p>
        <ul className="notes-window__all">
          {PRESENTER_PRESETS.map(({ id, title, notes }) => (
            <li key={id}>
              <h2>{title}</h2>
              <p>{notes.join(' ')}</p>
            </li>
          ))}
        </ul>
      </main>
    );
  }
  const buttons: readonly (readonly [PresenterAction, string])[] = [
    ['startOrStop', shown.isPlaying ? 'Stop' : 'Start'],
    ['reset', 'Reset'],
    ['previous', 'Before'],
    ['next', 'Next'],
    ['autoDemo', shown.isAutoDemo ? 'Stop the demo' : 'Auto demo'],
  ];
  return (
    <main className="notes-window">
      <p className="notes-window__state" role="status">
        {shown.isAutoDemo ? 'The auto demo runs' : shown.isPlaying ? 'Running' : 'Resting'}
      </p>
      <h1>{preset.title}</h1>
      <p className="notes-window__shows">{preset.shows}</p>
      <ul className="notes-window__notes">
        {preset.notes.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <p className="notes-window__next">Next: {presetAfter(preset, 1).title}</p>
      <div className="notes-window__keys">
        {buttons.map(([action, name]) => (
          <button key={action} type="button" onClick={() => act(action)}>
            <kbd aria-hidden="true">{printOf(action)}</kbd>
            {name}
          </button>
        ))}
      </div>
      <p className="notes-window__hint">These keys, and 1 to 6 for the tabs, work in this window too.</p>
    </main>
  );
}
