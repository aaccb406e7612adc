/**
 * What lessons point at. A target is the first visible element with its name in `data-lesson`; panels know nothing of
 * lessons but these names.
 */
interface TargetText {
  /** As the sheet calls it, behind "Go to". */
  readonly label: string;
  /** Pressed to bring it onto the screen, such as the tab that it stands in. */
  readonly behind?: string;
}

export const LESSON_TARGETS = {
  'question-input': { label: 'the text box' },
  thoughts: { label: 'the thoughts' },
  probe: { label: 'the probe' },
  waits: { label: 'the two waiting times' },
  'recording-play': { label: 'the Play button' },
  'recording-speed': { label: 'the choice of speed' },
  pictures: { label: 'the picture' },
  'picture-timeline': { label: 'the tab Timeline' },
  'picture-blocks': { label: 'the tab Blocks' },
  'picture-rotaryDial': { label: 'the tab Rotary dial' },
  'picture-check': { label: 'the tab Check' },
  'blocks-step-before': { label: 'the button for the step before', behind: 'picture-blocks' },
  'saved-tokens': { label: 'the number of tokens', behind: 'picture-blocks' },
  'dial-in-front': { label: 'the slider', behind: 'picture-rotaryDial' },
  'dial-rewritten': { label: 'the sentence below the dials', behind: 'picture-rotaryDial' },
  'check-begin': { label: 'the button', behind: 'picture-check' },
  dilemma: { label: 'the dilemma' },
  goals: { label: 'the private goals' },
  'goals-switch': { label: 'the switch' },
  'group-start': { label: 'the Start button' },
  'negotiation-play': { label: 'the Play button' },
  'negotiation-end': { label: 'the button To end' },
  dialogue: { label: 'the dialogue' },
  'dialogue-conversation': { label: 'the tab Conversation' },
  'dialogue-prompts': { label: 'the tab Prompts' },
  agreement: { label: 'the line of the judge of agreement', behind: 'dialogue-conversation' },
  group: { label: 'the group' },
  'group-list': { label: 'the list of dialogues' },
  score: { label: 'a score', behind: 'dialogue-conversation' },
  'score-details': { label: 'what stands behind the score' },
  judge: { label: 'the judge' },
  'negotiation-dialogues': { label: 'the page Dialogues' },
  'training-preset': { label: 'the choice of presets' },
  'training-start': { label: 'the button Start training' },
  'training-charts': { label: 'the tab Charts' },
  'training-tokens': { label: 'the tab Tokens' },
  'training-lesson': { label: 'the tab Advantages' },
  'step-picker': { label: 'the choice of steps', behind: 'training-tokens' },
  'step-earlier': { label: 'the button Earlier', behind: 'training-tokens' },
  'reward-rows': { label: 'the rewards', behind: 'training-lesson' },
  'rewards-equal': { label: 'the button All equal', behind: 'training-lesson' },
  'token-colours': { label: 'the choice of colours', behind: 'training-tokens' },
  'token-dialogues': { label: 'the dialogues', behind: 'training-tokens' },
  'token-text': { label: 'the tokens', behind: 'training-tokens' },
  'token-summary': { label: 'the summary', behind: 'training-tokens' },
  'chart-smoothing': { label: 'the slider', behind: 'training-charts' },
  'chart-reward': { label: 'the chart of Collective Agency', behind: 'training-charts' },
  'chart-reward_std': { label: 'the chart of the reward spread', behind: 'training-charts' },
} as const satisfies Readonly<Record<string, TargetText>>;

export type LessonTarget = keyof typeof LESSON_TARGETS;

export function labelOf(target: LessonTarget): string {
  return LESSON_TARGETS[target].label;
}

/** What brings it onto the screen; null: nothing but the steps before. */
export function revealOf(target: LessonTarget): LessonTarget | null {
  const text: TargetText = LESSON_TARGETS[target];
  return text.behind === undefined ? null : (text.behind as LessonTarget);
}

export function selectorOf(target: LessonTarget): string {
  return `[data-lesson="${target}"]`;
}

/** The first one that is on the screen. Another panel's is there, but hidden. */
export function findTarget(target: LessonTarget): HTMLElement | null {
  const found = document.querySelectorAll<HTMLElement>(selectorOf(target));
  return [...found].find((element) => element.checkVisibility()) ?? null;
}
