import './presenter.css';
import { useEffect, useLayoutEffect, useRef, type ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';
import type { DemoMoment } from './demo-schedule.ts';
import { presetsBeside } from './presenter-address.ts';
import { listedKeys, printOf, type PresenterAction } from './presenter-keys.ts';
import type { PanelControls } from './preset-player.ts';
import { useAutoDemo } from './use-auto-demo.ts';
import { usePresenter, type Presenter } from './use-presenter.ts';
import { usePresenterKeys } from './use-presenter-keys.ts';

/** Below the panel: what to say, and the keys. The panel itself is enlarged as long as this is mounted. */
export function PresenterView({ panels }: { readonly panels: PanelControls }): ReactElement {
  const presenter = usePresenter(panels);
  const moment = useAutoDemo(presenter.player, presenter.show);
  const dock = useRef<HTMLElement>(null);
  const focusBack = (): void => dock.current?.focus({ preventScroll: true });
  usePresenterKeys(presenter.act, focusBack);
  useLayoutEffect(() => {
    const { dataset } = document.documentElement;
    dataset['view'] = 'presenter';
    return () => {
      delete dataset['view'];
    };
  }, []);
  // What opened the view is gone.
  useEffect(() => dock.current?.focus({ preventScroll: true }), []);
  return (
    <section className="presenter" aria-label="Presenter" tabIndex={-1} ref={dock}>
      {moment === null ? presenter.areNotesShown && <Notes presenter={presenter} /> : <Subtitles moment={moment} />}
      {presenter.areKeysShown && <KeyList />}
      <ProblemLine problem={presenter.refusal ?? presenter.status.problem} />
      <Bar presenter={presenter} isAutoDemo={moment !== null} />
    </section>
  );
}

/** What to say with the preset, and whether it will run here. Its place is kept, so that nothing jumps. */
function Notes({ presenter: { preset, player } }: { readonly presenter: Presenter }): ReactElement {
  const obstacle = useAppState(() => player.obstacle(preset));
  const presets = presetsBeside(preset);
  const place = presets.findIndex(({ id }) => id === preset.id) + 1;
  return (
    <div className="presenter__notes" role="group" aria-label="What to say">
      <div>
        <p className="presenter__title">
          <strong>{preset.title}</strong>{' '}
          <span>
            {place} of {presets.length}
          </span>
        </p>
        <p className="presenter__way">
          {obstacle === null ? 'Start runs it live.' : `Start plays a recording: ${lowered(obstacle)}`}
        </p>
      </div>
      <p className="presenter__say">{preset.notes.join(' ')}</p>
    </div>
  );
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function Subtitles({ moment }: { readonly moment: DemoMoment }): ReactElement {
  return (
    <div className="presenter__notes presenter__notes--demo" role="group" aria-label="Auto demo">
      <p className="presenter__subtitle" role="status">
        {moment.preset.notes[moment.sentence]}
      </p>
      <div className="presenter__time" aria-hidden="true">
        <i style={{ width: `${moment.share * 100}%` }} />
      </div>
    </div>
  );
}

/** A strip and no pop-up: it covers nothing. */
function KeyList(): ReactElement {
  return (
    <dl className="presenter__list" aria-label="Keys">
      {listedKeys().map(({ prints, does }) => (
        <div key={does}>
          <dt>
            {prints.map((print) => (
              <kbd key={print}>{print}</kbd>
            ))}
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What went wrong, and what to do. */
function ProblemLine({ problem }: { readonly problem: string | null }): ReactElement | null {
  if (problem === null) return null;
  return (
    <p className="presenter__problem" role="alert">
      {problem}
    </p>
  );
}

interface BarButton {
  readonly action: PresenterAction;
  readonly name: string;
  readonly isPressed?: boolean;
}

function Bar({ presenter, isAutoDemo }: { readonly presenter: Presenter; readonly isAutoDemo: boolean }): ReactElement {
  const { act, areNotesShown, areKeysShown } = presenter;
  if (isAutoDemo) {
    return (
      <div className="presenter__bar">
        <button type="button" className="presenter__key" onClick={() => act('autoDemo')}>
          <kbd aria-hidden="true">any key</kbd> Stop the demo
        </button>
      </div>
    );
  }
  const buttons: readonly BarButton[] = [
    { action: 'startOrStop', name: presenter.isPlaying ? 'Stop' : 'Start' },
    { action: 'reset', name: 'Reset' },
    { action: 'previous', name: 'Before' },
    { action: 'next', name: 'Next' },
    { action: 'autoDemo', name: 'Auto demo' },
    { action: 'notes', name: 'Notes', isPressed: areNotesShown },
    { action: 'notesWindow', name: 'Window' },
    { action: 'fullScreen', name: 'Full screen' },
    { action: 'keys', name: 'Keys', isPressed: areKeysShown },
    { action: 'leave', name: 'Leave' },
  ];
  return (
    <div className="presenter__bar" role="toolbar" aria-label="Presenter’s keys">
      {buttons.map(({ action, name, isPressed }) => (
        <button
          key={action}
          type="button"
          className="presenter__key"
          data-action={action}
          aria-pressed={isPressed}
          aria-keyshortcuts={printOf(action)}
          // A click leaves the keyboard where it was, so that Space does not press the button again.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => act(action)}
        >
          <kbd aria-hidden="true">{printOf(action)}</kbd> {name}
        </button>
      ))}
    </div>
  );
}
