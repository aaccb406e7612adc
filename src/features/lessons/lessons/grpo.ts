import type { AppState } from '@/state/app-store.ts';
import { presetOfTraining } from '@/state/speed-forms.ts';
import { shownRun } from '@/state/negotiation-training-slice.ts';
import { formatSigned } from '@/ui/format.ts';
import type { Lesson } from '../lesson.ts';

function groupNow(state: AppState): string | null {
  const step = shownRun(state)?.step;
  const rewards = step?.rewards[0];
  const advantages = step?.advantages[0];
  if (step === null || step === undefined || rewards === undefined || advantages === undefined) return null;
  const pairs = rewards.map(
    (reward, index) => `${reward?.toFixed(2) ?? 'no score'} → ${formatSigned(advantages[index] ?? 0)}`,
  );
  return `Step ${step.step} of the run, reward → advantage: ${pairs.join(', ')}.`;
}

function movedNow(state: AppState): string | null {
  const step = shownRun(state)?.step;
  const share = step?.metrics['change/agreement'];
  if (step === null || step === undefined || share === undefined) return null;
  return `Step ${step.step}: ${Math.round(share * 100)} % of its tokens moved the way their advantage asked.`;
}

/** A step of one's own has moved tokens, and what became of them was measured: the steps behind look at it. */
function hasChanged({ negotiationTraining: { lastStep } }: AppState): boolean {
  return Number.isFinite(lastStep?.metrics['change/agreement']);
}

export const GRPO: Lesson = {
  id: 'grpo',
  title: 'What GRPO changes, token by token',
  about: 'From scores to advantages, and from advantages to the probability of every single token.',
  place: 'negotiation/training',
  recordings: [{ kind: 'training', file: 'ten-steps.json', playedIn: null }],
  steps: [
    {
      id: 'reward',
      kind: 'explain',
      title: 'Learning from a score',
      text: [
        'In an ordinary training a model is shown the right words. Here nobody knows them. There is only a *reward* for a whole dialogue: the judge’s score, from 0 to 5. *GRPO* turns that into a change of every token’s probability.',
        'Its idea: let the model do the same task several times, compare the tries of this *group* with each other, and make what was said in the better ones likelier, and in the worse ones less likely. What changes is a small addition to the weights, an *adapter*. The model itself stays as it was.',
      ],
    },
    {
      id: 'open-advantages',
      kind: 'do',
      title: 'Open the rewards to play with',
      text: ['Choose the tab Advantages. It is a group that you can set as you like; the page computes what follows.'],
      target: 'training-lesson',
      until: { kind: 'state', holds: ({ trainingTab }) => trainingTab === 'lesson' },
      doIt: [{ kind: 'press', target: 'training-lesson' }],
    },
    {
      id: 'move',
      kind: 'do',
      title: 'Move one reward',
      text: [
        'Move the first slider to its end, and look at _all_ the bars beside the sliders. The *advantage* of a dialogue is its reward, less the mean of the group, divided by the spread of the group.',
      ],
      target: 'reward-rows',
      until: { kind: 'changed', target: 'reward-rows' },
      doIt: [{ kind: 'slide', target: 'reward-rows', to: 'end' }],
    },
    {
      id: 'others',
      kind: 'see',
      title: 'Everybody else moves too',
      text: [
        'You moved one reward, and the others’ advantages changed: the mean has moved. They always add up to 0. So an advantage does not say how good a dialogue was. It says how good it was among these.',
      ],
      target: 'reward-rows',
    },
    {
      id: 'equal',
      kind: 'do',
      title: 'Make them all equal',
      text: ['Press the button “All equal”, and look at the bars.'],
      target: 'rewards-equal',
      until: { kind: 'shown', selector: '[data-lesson="rewards-equal"][aria-pressed="true"]' },
      doIt: [{ kind: 'press', target: 'rewards-equal' }],
    },
    {
      id: 'five-fives',
      kind: 'question',
      title: 'Check: a perfect group',
      text: ['All dialogues of a group get the full reward of 5. What does this step teach the model?'],
      choices: [
        {
          text: 'Nothing: every advantage is 0.',
          isRight: true,
          feedback:
            'Right. Without a difference there is nothing to compare. Such groups cost time and teach nothing, good or bad.',
        },
        {
          text: 'To do all of this more often.',
          feedback: 'Only what is above its group’s mean is made likelier. Here nothing is.',
        },
        {
          text: 'Five times as much as a group of ones.',
          feedback: 'The height does not matter: a group of ones that are all equal teaches just as little.',
        },
      ],
    },
    {
      id: 'own-plan',
      kind: 'do',
      way: 'live',
      title: 'A small training of your own',
      text: [
        'Now make a real one. Choose “Quick demo” as the preset: two short dialogues a step, and a large learning rate, so that something moves. Estimate tells how long it takes on this machine. On a slow one, choose Recorded above.',
      ],
      target: 'training-preset',
      until: { kind: 'state', holds: ({ trainingForm }) => presetOfTraining(trainingForm) === 'quick' },
      doIt: [{ kind: 'choose', target: 'training-preset', value: 'quick' }],
    },
    {
      id: 'own-start',
      kind: 'do',
      way: 'live',
      title: 'Start it',
      text: [
        'Press “Start training”, and wait for the end of a step: the group negotiates, is judged, and then the adapter is changed once. Then press Stop, so that this step stays on the screen.',
        'A step with two equal rewards, such as 0 and 0 where nobody agrees, changes nothing: you have just seen why. Then wait for the next one; where none of them changes anything, choose Recorded above.',
      ],
      target: 'training-start',
      until: { kind: 'state', holds: hasChanged },
      doIt: [{ kind: 'press', target: 'training-start' }],
    },
    {
      id: 'open-tokens',
      kind: 'do',
      title: 'Open the tokens',
      text: [
        'Choose the tab Tokens. It shows what a step of a training has said, token by token. In the recorded form of this lesson that is a real training of ten short steps.',
      ],
      target: 'training-tokens',
      until: { kind: 'state', holds: ({ trainingTab }) => trainingTab === 'tokens' },
      doIt: [{ kind: 'press', target: 'training-tokens' }],
    },
    {
      id: 'dialogues',
      kind: 'see',
      title: 'A reward and an advantage each',
      text: [
        'Each dialogue of the group stands here with its reward and its advantage. Small differences of the rewards become advantages of about one, because they are divided by their own spread.',
      ],
      target: 'token-dialogues',
      facts: groupNow,
    },
    {
      id: 'by-advantage',
      kind: 'do',
      title: 'Colour them by advantage',
      text: ['Choose Advantage as the colour. Blue is below 0, red above.'],
      target: 'token-colours',
      until: { kind: 'shown', selector: ':root:has([data-lesson="token-colours"] input[value="advantage"]:checked)' },
      doIt: [{ kind: 'pick', target: 'token-colours', value: 'advantage' }],
    },
    {
      id: 'one-colour',
      kind: 'see',
      title: 'One colour for a whole dialogue',
      text: [
        'Every trained token of a dialogue has the same advantage. The reward came for the whole of it, and nobody can tell which word earned it. A filler in a good dialogue is praised along with the word that settled it. Only over many groups does it even out.',
        'Words without colour were not trained: the other side’s, or what the model only read.',
      ],
      target: 'token-text',
    },
    {
      id: 'by-change',
      kind: 'do',
      title: 'Now colour them by change',
      text: [
        'Choose Change. It shows what the update really did to each token: how much the logarithm of its probability rose or fell. It was measured by reading the same words again afterwards.',
      ],
      target: 'token-colours',
      until: { kind: 'shown', selector: ':root:has([data-lesson="token-colours"] input[value="change"]:checked)' },
      doIt: [{ kind: 'pick', target: 'token-colours', value: 'change' }],
    },
    {
      id: 'summary',
      kind: 'see',
      title: 'Most of them follow, not all',
      text: [
        'Asked for was one direction for all tokens of a dialogue. What came out differs from token to token: some moved a lot, some hardly, some the wrong way. By chance, half of them would follow.',
      ],
      target: 'token-summary',
      facts: movedNow,
    },
    {
      id: 'wrong-way',
      kind: 'question',
      title: 'Check: the wrong way',
      text: ['A token in a dialogue with an advantage of +1 became _less_ likely. How can that be?'],
      choices: [
        {
          text: 'It is a mistake in the training.',
          feedback: 'It need not be. A step that did what every single token asks for does not exist in general.',
        },
        {
          text: 'All tokens share the same weights, and what serves the others can press this one down.',
          isRight: true,
          feedback:
            'Right. One change of the adapter acts on every token in every dialogue. The same word may have been pulled down elsewhere.',
        },
        {
          text: 'Its reward was 0.',
          feedback: 'Its advantage is +1, so its dialogue did better than the mean of its group.',
        },
      ],
    },
    {
      id: 'other-step',
      kind: 'do',
      way: 'recorded',
      title: 'Look at another step',
      text: ['Choose an earlier step. Other dialogues, another mean, another direction.'],
      target: 'step-picker',
      until: { kind: 'changed', target: 'token-dialogues' },
      doIt: [{ kind: 'press', target: 'step-earlier' }],
    },
    {
      id: 'clip',
      kind: 'explain',
      title: 'Why the steps are small',
      text: [
        'Rewards are noisy, so one group must not change much. Three things see to it: a small *learning rate*; *clipping*, which ends the pull on a token whose probability has already moved by more than a fifth; and a limit on the length of the *gradient*, the direction in which the weights are to move.',
        'With one update for each group, clipping never acts: nothing has moved yet when it looks. It matters where the same group is used for several updates.',
      ],
    },
    {
      id: 'likelier',
      kind: 'question',
      title: 'Check: what was learnt?',
      text: ['After a step the better dialogue’s words are likelier. What is known then?'],
      choices: [
        {
          text: 'That the model negotiates better.',
          feedback:
            'It is likelier to say these words again in this case. Whether that helps in other cases is another matter.',
        },
        {
          text: 'That the model has moved towards what this judge has scored higher, here.',
          isRight: true,
          feedback:
            'Right. Whether that is an improvement depends on the judge, and on cases that were not trained on. That is the next lesson.',
        },
        {
          text: 'That the judge was right.',
          feedback: 'The training takes the judge’s word. It cannot test it.',
        },
      ],
    },
  ],
};
