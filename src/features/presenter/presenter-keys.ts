/** The presenter's keys, in one place: the handler, the buttons, the list and the notes window read this. */

export type PresenterAction =
  | 'startOrStop'
  | 'reset'
  | 'next'
  | 'previous'
  | 'ownQuestion'
  | 'autoDemo'
  | 'fullScreen'
  | 'notes'
  | 'notesWindow'
  | 'keys'
  | 'leave'
  | TabAction;

type TabAction = `tab${1 | 2 | 3 | 4 | 5 | 6}`;

interface PresenterKey {
  readonly action: PresenterAction;
  /** What is printed on the button. */
  readonly print: string;
  readonly does: string;
  /** `KeyboardEvent.key`, letters in lower case. */
  readonly keys: readonly string[];
  readonly withShift?: boolean;
}

const tabKey = (tab: 1 | 2 | 3 | 4 | 5 | 6): PresenterKey => ({
  action: `tab${tab}`,
  print: String(tab),
  does: 'Tabs of the panel',
  keys: [String(tab)],
});

export const PRESENTER_KEYS: readonly PresenterKey[] = [
  { action: 'startOrStop', print: 'Space', does: 'Start, stop', keys: [' '] },
  { action: 'reset', print: 'R', does: 'Reset', keys: ['r'] },
  { action: 'next', print: 'N', does: 'Next preset', keys: ['n'] },
  { action: 'previous', print: 'B', does: 'Preset before', keys: ['b'] },
  { action: 'previous', print: 'Shift + N', does: 'Preset before', keys: ['n'], withShift: true },
  { action: 'ownQuestion', print: 'T', does: 'Type a question of your own; Esc leaves the box', keys: ['t'] },
  tabKey(1),
  tabKey(2),
  tabKey(3),
  tabKey(4),
  tabKey(5),
  tabKey(6),
  { action: 'autoDemo', print: 'D', does: 'Auto demo', keys: ['d'] },
  { action: 'fullScreen', print: 'F', does: 'Full screen', keys: ['f'] },
  { action: 'notes', print: 'S', does: 'Notes on this screen', keys: ['s'] },
  { action: 'notesWindow', print: 'W', does: 'Notes in a window of their own', keys: ['w'] },
  { action: 'keys', print: '?', does: 'List of keys', keys: ['?'] },
  { action: 'leave', print: 'P', does: 'Leave presenter view', keys: ['p'] },
  { action: 'leave', print: 'Esc', does: 'Leave presenter view', keys: ['escape'] },
];

export function isTabAction(action: PresenterAction): action is TabAction {
  return action.startsWith('tab');
}

/** Counted from 1. */
export function tabOf(action: TabAction): number {
  return Number(action.slice('tab'.length));
}

export function isPresenterAction(value: unknown): value is PresenterAction {
  return PRESENTER_KEYS.some(({ action }) => action === value);
}

/** For a list: keys that do the same stand together. */
export function listedKeys(): readonly { readonly does: string; readonly prints: readonly string[] }[] {
  const done = [...new Set(PRESENTER_KEYS.map(({ does }) => does))];
  return done.map((does) => ({
    does,
    prints: PRESENTER_KEYS.filter((key) => key.does === does).map(({ print }) => print),
  }));
}

/** What is printed on the action's button. */
export function printOf(action: PresenterAction): string {
  return PRESENTER_KEYS.find((key) => key.action === action)?.print ?? '';
}

type Pressed = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat' | 'isComposing'>;

/** Null for a key that means nothing here, or belongs to the browser. */
export function actionOf(pressed: Pressed): PresenterAction | null {
  const { key, shiftKey, ctrlKey, metaKey, altKey, repeat, isComposing } = pressed;
  if (ctrlKey || metaKey || altKey || repeat || isComposing) return null;
  const name = key.toLowerCase();
  const found = PRESENTER_KEYS.filter(({ keys }) => keys.includes(name));
  // With Shift, a key of its own comes first; "?" needs Shift on most keyboards.
  const exact = found.find(({ withShift = false }) => withShift === shiftKey) ?? (name === '?' ? found[0] : undefined);
  return exact?.action ?? null;
}

const MODIFIERS = ['Shift', 'Control', 'Alt', 'Meta', 'CapsLock'];

/** A key that does nothing alone. */
export function isModifier({ key }: Pick<KeyboardEvent, 'key'>): boolean {
  return MODIFIERS.includes(key);
}

const TEXT_FIELDS = 'textarea, select, input:not([type="checkbox"], [type="radio"], [type="range"], [type="button"])';

/** What is typed there is text. */
export function isTextField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(TEXT_FIELDS));
}

const CONTROLS = 'button, summary, input, [role="tab"], [role="option"], [role="slider"]';

/** A control that the keyboard is on takes Space for itself; one that was only clicked does not. */
function takesSpace(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(CONTROLS)?.matches(':focus-visible') === true;
}

/** As `actionOf`, of an event on the page: a dialog has its own keys, and Space may be a control's. */
export function actionAtTarget(event: KeyboardEvent): PresenterAction | null {
  const { target, key } = event;
  if (target instanceof Element && target.closest('[role="dialog"]') !== null) return null;
  return key === ' ' && takesSpace(target) ? null : actionOf(event);
}
