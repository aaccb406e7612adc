import type { AppState } from '@/state/app-store.ts';
import { shownRun } from '@/state/negotiation-training-slice.ts';
import { keyOf, nameOf, type DialogueView } from '@/state/negotiation-view.ts';
import type { Lesson } from '../lesson.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function rewardsOf(state: AppState): readonly number[] {
  return (shownRun(state)?.run.steps ?? []).flatMap(({ metrics }) => metrics['reward'] ?? []);
}

function halvesNow(state: AppState): string | null {
  const rewards = rewardsOf(state);
  if (rewards.length < 4) return null;
  const half = Math.floor(rewards.length / 2);
  return `This run: mean reward ${mean(rewards.slice(0, half)).toFixed(2)} in its first ${half} steps, ${mean(rewards.slice(half)).toFixed(2)} in the other ${rewards.length - half}.`;
}

function jumpsNow(state: AppState): string | null {
  const rewards = rewardsOf(state);
  if (rewards.length < 4) return null;
  const jumps = rewards.slice(1).map((reward, index) => Math.abs(reward - (rewards[index] ?? reward)));
  return `From one step to the next the mean reward jumps by ${mean(jumps).toFixed(2)} on average; the lowest step has ${Math.min(...rewards).toFixed(2)}, the highest ${Math.max(...rewards).toFixed(2)}.`;
}

function spreadNow(state: AppState): string | null {
  const spreads = (shownRun(state)?.run.steps ?? []).flatMap(({ metrics }) => metrics['reward_std'] ?? []);
  if (spreads.length === 0) return null;
  return `On average the scores of one group differ by a spread of ${mean(spreads).toFixed(2)} points out of 5.`;
}

interface Scored {
  readonly dialogue: DialogueView;
  readonly score: number;
}

function scoredOf({ rollout: { dialogues } }: AppState): readonly Scored[] {
  return dialogues.flatMap((dialogue) =>
    dialogue.verdict?.state === 'scored' ? [{ dialogue, score: dialogue.verdict.score }] : [],
  );
}

function scoresNow(state: AppState): string | null {
  const scored = scoredOf(state);
  if (scored.length < 2) return null;
  const scores = scored.map(({ score }) => score);
  const best = scored.reduce((found, one) => (one.score > found.score ? one : found));
  return `Scores: ${scores.map((score) => score.toFixed(2)).join(', ')}. Highest and lowest are ${(Math.max(...scores) - Math.min(...scores)).toFixed(2)} apart. The highest has dialogue ${nameOf(best.dialogue)}.`;
}

function openScored(state: AppState): Scored | undefined {
  const scored = scoredOf(state);
  return scored.find(({ dialogue }) => keyOf(dialogue) === state.openDialogue) ?? scored[0];
}

function digitsNow(state: AppState): string | null {
  const verdict = openScored(state)?.dialogue.verdict;
  if (verdict?.state !== 'scored' || verdict.distribution === undefined) return null;
  const shares = verdict.distribution.map((share, digit) => `${digit}: ${Math.round(share * 100)} %`);
  return `The open dialogue: ${shares.join(', ')}. Their mean is ${verdict.score.toFixed(2)}.`;
}

function massNow(state: AppState): string | null {
  const verdict = openScored(state)?.dialogue.verdict;
  if (verdict?.state !== 'scored' || verdict.answerMass === undefined) return null;
  return `In the open dialogue, ${Math.round(verdict.answerMass * 100)} % of the judge’s probability lay on a digit at all.`;
}

export const DOUBT: Lesson = {
  id: 'doubt',
  title: 'How to read the charts and doubt the judge',
  about: 'What a curve does not prove, what stands behind a score, and what to do before believing either.',
  place: 'negotiation/training',
  recordings: [
    { kind: 'training', file: 'ten-steps.json', playedIn: null, isAlwaysShown: true },
    { kind: 'negotiation', file: 'four-about-a-thermostat.json', playedIn: null },
  ],
  steps: [
    {
      id: 'curves',
      kind: 'explain',
      title: 'Curves persuade',
      text: [
        'A line that goes up looks like success. In this lesson you look at a real, recorded training of ten short steps and ask three questions: is the rise larger than the noise? Is it the model that got better, or were the later tasks easier? And does the number measure what it is called?',
      ],
    },
    {
      id: 'open-charts',
      kind: 'do',
      title: 'Open the charts',
      text: ['Choose the tab Charts.'],
      target: 'training-charts',
      until: { kind: 'state', holds: ({ trainingTab }) => trainingTab === 'charts' },
      doIt: [{ kind: 'press', target: 'training-charts' }],
    },
    {
      id: 'reward-chart',
      kind: 'see',
      title: 'Three lines, not one',
      text: [
        'The chart of Collective Agency has the lowest, the mean and the highest reward of each step. Watch the lowest one, too: a mean may rise because the failures stop, or because the best get better, and these are different things.',
      ],
      target: 'chart-reward',
      facts: halvesNow,
    },
    {
      id: 'smoothing',
      kind: 'do',
      title: 'Take the smoothing away',
      text: [
        'Bold lines are *running averages*: each point leans on those before it. Move the slider Smoothing to 0, and see what was measured.',
      ],
      target: 'chart-smoothing',
      until: { kind: 'changed', target: 'chart-smoothing' },
      doIt: [{ kind: 'slide', target: 'chart-smoothing', to: 'start' }],
    },
    {
      id: 'jumps',
      kind: 'see',
      title: 'The noise',
      text: [
        'From step to step the dilemma or the two goals change, and some get higher scores whoever argues. So the line jumps for reasons that have nothing to do with learning. A rise that is smaller than such jumps shows nothing yet.',
      ],
      target: 'chart-reward',
      facts: jumpsNow,
    },
    {
      id: 'spread-chart',
      kind: 'see',
      title: 'What there is to learn from',
      text: [
        'The *reward spread* says how much the dialogues of one group differ in their scores. It is all that GRPO learns from. If it is small, advantages are made of small differences, and those may be the judge’s moods.',
      ],
      target: 'chart-reward_std',
      facts: spreadNow,
    },
    {
      id: 'evidence',
      kind: 'question',
      title: 'Check: what would be evidence?',
      text: ['Which of these would show best that a training has made the model better?'],
      choices: [
        {
          text: 'The last step has the highest reward of all.',
          feedback: 'One step is one dilemma and a few dialogues. Its dilemma may just have been an easy one.',
        },
        {
          text: 'With more smoothing the line rises evenly.',
          feedback: 'Smoothing makes any line even. It adds no evidence.',
        },
        {
          text: 'Before and after on the same dilemmas, that were never trained on, several times, with its uncertainty.',
          isRight: true,
          feedback:
            'Right. That is what the page Evaluation does: held-out dilemmas, both orders, and an interval for the share of wins.',
        },
      ],
    },
    {
      id: 'to-dialogues',
      kind: 'do',
      title: 'Now to the judge',
      text: ['All these numbers come from a judge. Choose the page Dialogues, to look at single scores.'],
      target: 'negotiation-dialogues',
      until: { kind: 'shown', selector: '[data-lesson="dilemma"]' },
      doIt: [{ kind: 'press', target: 'negotiation-dialogues' }],
    },
    {
      id: 'start',
      kind: 'do',
      place: 'negotiation',
      way: 'live',
      title: 'A group to be judged',
      text: [
        'Press Start, and wait until all dialogues are judged; or go on with a group of your own that is there already. Where no dialogue agrees there may be no score to look at: then choose Recorded above.',
      ],
      target: 'group',
      until: {
        kind: 'state',
        holds: ({ rollout }) => !rollout.isRecorded && rollout.phase === 'ended',
      },
      doIt: [{ kind: 'press', target: 'group-start' }],
    },
    {
      id: 'scores',
      kind: 'see',
      place: 'negotiation',
      title: 'Scores side by side',
      text: [
        'Compare the scores of the group. Then open its highest and its lowest dialogue, and read both answers. Would you have put them in this order? By how much do they differ, to your mind?',
        'A dialogue that did not agree has a reward of 0, whatever the judge gives its answer.',
      ],
      target: 'group-list',
      facts: scoresNow,
    },
    {
      id: 'open-score',
      kind: 'do',
      place: 'negotiation',
      title: 'Look behind a score',
      text: [
        'Press the score below an answer. It opens how probable each digit was to the judge, and what that comes to. Escape or a press beside it closes it; the next steps speak of it, so open it again there.',
      ],
      target: 'score',
      until: { kind: 'shown', selector: '[data-lesson="score-details"]' },
      doIt: [{ kind: 'press', target: 'score' }],
    },
    {
      id: 'digits',
      kind: 'see',
      place: 'negotiation',
      title: 'A mean of opinions',
      text: [
        'This judge writes no digit. The page reads how probable each digit from 0 to 5 is as its next token, and takes the mean. A judge that is torn between 1 and 5 ends up with 3, as does one that is sure of 3. So look at the bars, not at the number alone.',
      ],
      target: 'score',
      facts: digitsNow,
    },
    {
      id: 'torn',
      kind: 'question',
      place: 'negotiation',
      title: 'Check: torn or sure',
      text: [
        'A judge gives 31 % to the digit 1, 33 % to the digit 5, 4 % to the digit 3, and the rest in equal parts to 0, 2 and 4. Its score is about 2.7. What does it say?',
      ],
      choices: [
        {
          text: 'The answer is middling.',
          feedback: 'The digit for middling is what this judge finds least likely.',
        },
        {
          text: 'The judge cannot tell whether the answer is good or bad.',
          isRight: true,
          feedback: 'Right. The mean hides it. A reward of 2.7 from such a judge is close to no information.',
        },
        {
          text: 'The answer is excellent for some and harmful for others.',
          feedback: 'The judge was asked for one digit. These are its doubts, not a survey.',
        },
      ],
    },
    {
      id: 'mass',
      kind: 'see',
      place: 'negotiation',
      title: 'Did it answer at all?',
      text: [
        'The details also tell how much of the judge’s probability lay on a digit. If that is little, the model was about to write something else, and the scale is read out of a remainder. A small model that judges itself is the weakest judge there is; it is the default because it needs nothing else.',
      ],
      target: 'score',
      facts: massNow,
    },
    {
      id: 'judge-line',
      kind: 'see',
      place: 'negotiation',
      title: 'Another judge',
      text: [
        'The line “Judge” names who judges and how far that can be trusted. Behind it one can choose another one: a larger model, a server, a rule, yourself. From there “Compare two judges” lets two of them score answers of known quality, and shows whether they agree, and whether good answers come out above bad ones.',
      ],
      target: 'judge',
    },
    {
      id: 'trust',
      kind: 'question',
      place: 'negotiation',
      title: 'Check: before you train',
      text: ['You want to train on a judge’s scores. What do you do first?'],
      choices: [
        {
          text: 'Take more steps, so that its errors cancel out.',
          feedback: 'Chance errors do. But what a judge is wrong about every time, the model learns, and ever better.',
        },
        {
          text: 'Let it score answers whose quality you know, and compare it with another judge and with people.',
          isRight: true,
          feedback:
            'Right. And during the training: read dialogues, and look at the charts for signs that the judge is being courted.',
        },
        {
          text: 'Multiply its scores, so that the differences get larger.',
          feedback: 'Advantages are divided by the spread anyway. Noise that is made larger stays noise.',
        },
      ],
    },
  ],
};
