/** "Do it for me": what a visitor would do, done to the real controls, so that both take the same path. */
import { Failure } from '@/lib/failure.ts';
import { sleep } from '@/lib/sleep.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { Action } from './lesson.ts';
import { findTarget, labelOf, revealOf, type LessonTarget } from './lesson-targets.ts';

/** Of someone who types fast. */
const LETTER_MS = 60;
const APPEAR_MS = 3000;
const LOOK_MS = 50;

/** @throws {Failure} 'busy' with what is missing or cannot be pressed now */
export async function perform(actions: readonly Action[], signal: AbortSignal): Promise<void> {
  for (const action of actions) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
    const element = await appeared(action.target, signal);
    if (element === null) return;
    // oxlint-disable-next-line no-await-in-loop -- as above
    await performOne(action, element, signal);
    if (signal.aborted) return;
  }
}

/** Waits for what another action, or the page, is about to show. Null: aborted. */
async function appeared(target: LessonTarget, signal: AbortSignal): Promise<HTMLElement | null> {
  for (let waitedMs = 0; waitedMs < APPEAR_MS; waitedMs += LOOK_MS) {
    if (signal.aborted) return null;
    const element = findTarget(target) ?? revealed(target);
    if (element !== null) return element;
    // oxlint-disable-next-line no-await-in-loop -- looks again later
    await sleep(LOOK_MS, signal);
  }
  if (signal.aborted) return null;
  throw new Failure<FailureCode>('busy', `Not on the screen now: ${labelOf(target)}.`);
}

/** Presses what it stands behind; it is found the next time. */
function revealed(target: LessonTarget): null {
  const behind = revealOf(target);
  if (behind !== null) findTarget(behind)?.click();
  return null;
}

async function performOne(action: Action, element: HTMLElement, signal: AbortSignal): Promise<void> {
  switch (action.kind) {
    case 'press':
      press(element, action.target);
      return;
    case 'type':
      await type(element, action.text, signal);
      return;
    case 'enter':
      element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
      return;
    case 'choose':
      setValue(element, HTMLSelectElement.prototype, action.value);
      return;
    case 'pick':
      element.querySelector<HTMLElement>(`input[value="${action.value}"]`)?.click();
      return;
    case 'slide':
      slide(element, action.to);
      return;
    default:
      action satisfies never;
  }
}

function press(element: HTMLElement, target: LessonTarget): void {
  if (element.matches(':disabled'))
    throw new Failure<FailureCode>('busy', `It cannot be pressed now: ${labelOf(target)}.`);
  element.click();
}

async function type(element: HTMLElement, text: string, signal: AbortSignal): Promise<void> {
  // What is the same stays, as when a person corrects a word.
  const before = element instanceof HTMLTextAreaElement ? element.value : '';
  let same = 0;
  while (same < text.length && before[same] === text[same]) same++;
  if (same < before.length) setValue(element, HTMLTextAreaElement.prototype, text.slice(0, same));
  for (let end = same + 1; end <= text.length && !signal.aborted; end++) {
    setValue(element, HTMLTextAreaElement.prototype, text.slice(0, end));
    // oxlint-disable-next-line no-await-in-loop -- letter by letter
    await sleep(LETTER_MS, signal);
  }
}

function slide(element: HTMLElement, to: 'start' | 'end'): void {
  const range = element.querySelector<HTMLInputElement>('input[type="range"]');
  if (range !== null) {
    setValue(range, HTMLInputElement.prototype, to === 'end' ? range.max : range.min);
    return;
  }
  const key = to === 'end' ? 'End' : 'Home';
  element
    .querySelector('[role="slider"]')
    ?.dispatchEvent(new KeyboardEvent('keydown', { key, code: key, bubbles: true, cancelable: true }));
}

/** Through the element's own setter, which React watches only from within; the event tells it. */
function setValue(element: HTMLElement, prototype: object, value: string): void {
  Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(element, value);
  element.dispatchEvent(new Event(element instanceof HTMLSelectElement ? 'change' : 'input', { bubbles: true }));
}
