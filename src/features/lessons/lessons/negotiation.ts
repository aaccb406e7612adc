import type { AppState } from '@/state/app-store.ts';
import { keyOf, nameOf, type DialogueView } from '@/state/negotiation-view.ts';
import type { Lesson } from '../lesson.ts';

function agreementNow({ rollout: { dialogues, head } }: AppState): string | null {
  const judged = dialogues.flatMap((dialogue) => {
    const last = dialogue.agreements.at(-1);
    return last?.state === 'judged' && last.pYes !== undefined
      ? [`dialogue ${nameOf(dialogue)}: ${last.pYes.toFixed(2)}, ${last.agreed ? 'agreed' : 'not agreed'}`]
      : [];
  });
  if (judged.length === 0 || head === null) return null;
  return `p(yes) after the last turn: ${judged.join('; ')}. The threshold is ${head.settings.agreementThreshold}.`;
}

function groupNow({ rollout: { dialogues } }: AppState): string | null {
  const numSaid = dialogues.reduce((sum, { utterances }) => sum + utterances.length, 0);
  if (numSaid === 0) return null;
  const agreed = dialogues.filter(({ outcome }) => outcome === 'agreed').length;
  const failed = dialogues.filter(({ outcome }) => outcome === 'failed').length;
  return `This group: ${dialogues.length} dialogues, ${numSaid} utterances, ${agreed} agreed, ${failed} without agreement.`;
}

function repeatsNow({ rollout: { dialogues }, openDialogue }: AppState): string | null {
  const open = dialogues.find((dialogue) => keyOf(dialogue) === openDialogue);
  const words = (open?.utterances ?? []).flatMap(({ text }) => text.toLowerCase().match(/[\p{L}’']+/gu) ?? []);
  if (open === undefined || words.length === 0) return null;
  return `Dialogue ${nameOf(open)}: ${words.length} words were said, ${new Set(words).size} different ones.`;
}

/** Enough to be read. */
const FIRST_TOKENS = 6;

function hasSpoken({ utterances, growing }: DialogueView): boolean {
  return utterances.length > 0 || (growing?.numTokens ?? 0) >= FIRST_TOKENS;
}

export const NEGOTIATION: Lesson = {
  id: 'negotiation',
  title: 'How two personas negotiate',
  about: 'One model, two private goals, a dilemma: who knows what, who decides that they agree, and what comes of it.',
  place: 'negotiation',
  recordings: [{ kind: 'negotiation', file: 'four-about-a-thermostat.json', playedIn: 'watch' }],
  steps: [
    {
      id: 'personas',
      kind: 'explain',
      title: 'One model, two voices',
      text: [
        'Two *personas* argue here, and both are the same model. What sets them apart is a line in their *prompt*, the text that the model reads before it speaks: a private goal, absolute, and at odds with the other’s. So what you will see is a model that argues with itself.',
        'Why do it? Whoever has to find words that both sides consent to may find better answers than one who speaks for himself alone. That is the hope; whether it holds has to be measured.',
      ],
    },
    {
      id: 'dilemma',
      kind: 'see',
      title: 'The dilemma',
      text: [
        'This is what they argue about: a case in which each choice can be defended. Below it stand the two private goals.',
      ],
      target: 'dilemma',
    },
    {
      id: 'hide',
      kind: 'do',
      title: 'Hide the goals',
      text: [
        'Switch the private goals off. From now on you know as little as each side knows of the other one. See later whether what they say gives them away.',
      ],
      target: 'goals',
      until: { kind: 'shown', selector: '[data-lesson="goals-switch"]:not(:checked)' },
      doIt: [{ kind: 'press', target: 'goals-switch' }],
    },
    {
      id: 'start',
      kind: 'do',
      way: 'live',
      title: 'Let them begin',
      text: [
        'Press Start. The model speaks for both sides, in several dialogues at once. Wait until you can read the first words.',
      ],
      target: 'group-start',
      until: {
        kind: 'state',
        holds: ({ rollout }) => !rollout.isRecorded && rollout.dialogues.some(hasSpoken),
      },
      doIt: [{ kind: 'press', target: 'group-start' }],
    },
    {
      id: 'watch',
      kind: 'do',
      way: 'recorded',
      title: 'Let them begin',
      text: [
        'This negotiation was recorded from a real, very small model. Press Play, and wait until you can read the first words. Then it is held.',
      ],
      target: 'negotiation-play',
      until: {
        kind: 'state',
        holds: ({ rollout }) => rollout.dialogues.some(hasSpoken),
      },
      doIt: [{ kind: 'press', target: 'negotiation-play' }],
      isHeldAfter: true,
    },
    {
      id: 'turns',
      kind: 'see',
      title: 'Turn by turn',
      text: [
        'Persona 1 proposes, persona 2 replies: together that is a *turn*. In front of each utterance the model reads the dilemma, its own goal, and the last turns. The other one’s goal is not among it.',
      ],
      target: 'dialogue',
    },
    {
      id: 'group',
      kind: 'see',
      title: 'A group of dialogues',
      text: [
        'The same dilemma with the same goals is argued several times: a *group*. The prompts are equal. The dialogues part because each next word is drawn by chance, the likelier ones more often. How far apart they get is what training lives on, as the next lesson shows.',
      ],
      target: 'group',
    },
    {
      id: 'to-end',
      kind: 'do',
      way: 'recorded',
      title: 'To the end',
      text: ['Press “To end”: the rest of the recording, at once.'],
      target: 'negotiation-end',
      until: { kind: 'state', holds: ({ rollout }) => rollout.phase === 'ended' },
      doIt: [{ kind: 'press', target: 'negotiation-end' }],
    },
    {
      id: 'wait',
      kind: 'do',
      way: 'live',
      title: 'Until they are through',
      text: [
        'Wait until all dialogues are over and judged. You may go on reading meanwhile, and come back. Where none of them agrees there may be no answer to look at later: then choose Recorded above.',
      ],
      target: 'group',
      until: { kind: 'state', holds: ({ rollout }) => !rollout.isRecorded && rollout.phase === 'ended' },
      doIt: [],
    },
    {
      id: 'agreement',
      kind: 'see',
      title: 'Who says that they agree?',
      text: [
        'After each turn the model is asked, once more out of sight: do both consent to the same plan? What counts is the probability that it gives to “yes”, *p(yes)*. Above the threshold, the dialogue ends as agreed. When the turns run out before that, it has failed.',
      ],
      target: 'agreement',
      facts: agreementNow,
    },
    {
      id: 'how-sure',
      kind: 'question',
      title: 'Check: how much is a yes?',
      text: [
        'Suppose that one dialogue counts as agreed with p(yes) = 0.53, and another one has failed with 0.48. What follows?',
      ],
      choices: [
        {
          text: 'In the first they found a plan, in the second they did not.',
          feedback: 'Read both. A small model may say yes to anything, and the two numbers are nearly the same.',
        },
        {
          text: 'Little: both lie close to the threshold, and the judge of agreement hardly leans to either side.',
          isRight: true,
          feedback: 'Right. The threshold makes two fates of a small difference. Reading the dialogues tells more.',
        },
        {
          text: 'The second needs more turns.',
          feedback: 'It may. But nothing in these two numbers says so.',
        },
      ],
    },
    {
      id: 'open-prompts',
      kind: 'do',
      title: 'Look behind the scene',
      text: ['Switch the private goals on again, and then choose the tab Prompts: what the model really reads.'],
      target: 'dialogue-prompts',
      until: {
        kind: 'shown',
        selector:
          ':root:has([data-lesson="goals-switch"]:checked) [data-lesson="dialogue-prompts"][aria-selected="true"]',
      },
      doIt: [
        { kind: 'press', target: 'goals-switch' },
        { kind: 'press', target: 'dialogue-prompts' },
      ],
    },
    {
      id: 'prompts-recorded',
      kind: 'see',
      way: 'recorded',
      title: 'The prompts',
      text: [
        'Each line is the text in front of one utterance, with its length. A recording keeps them as tokens, and without a model the page cannot turn those back into words; in the live form of the lesson it can.',
        'What stands there: the dilemma, the speaker’s own goal, and what was said in the last turns. So they grow from turn to turn. The other one’s goal is in none of them.',
      ],
      target: 'dialogue',
    },
    {
      id: 'prompts',
      kind: 'see',
      way: 'live',
      title: 'The prompts',
      text: [
        'For each utterance you can see the whole text in front of it. Look for the goal: it stands at the beginning, and only the speaker’s own. All the rest is what both have heard.',
      ],
      target: 'dialogue',
    },
    {
      id: 'who-knows',
      kind: 'question',
      title: 'Check: who knows what?',
      text: ['It is the same model that speaks for both. What does persona 2 know of the goal of persona 1?'],
      choices: [
        {
          text: 'All of it: the model has read it a moment ago.',
          feedback: 'A model has no memory beside the text in front of it. The other’s goal is not in that text.',
        },
        {
          text: 'Only what persona 1 has let show in its words.',
          isRight: true,
          feedback:
            'Right. Each side has a prompt of its own. What both have in common is the dilemma, and what was said.',
        },
        {
          text: 'Nothing, and it cannot find out.',
          feedback: 'It reads what the other one says, and may draw its conclusions from that.',
        },
      ],
    },
    {
      id: 'open-conversation',
      kind: 'do',
      title: 'The answer',
      text: ['Choose the tab Conversation again and go down to its end.'],
      target: 'dialogue-conversation',
      until: { kind: 'state', holds: ({ dialogueTab }) => dialogueTab === 'conversation' },
      doIt: [{ kind: 'press', target: 'dialogue-conversation' }],
    },
    {
      id: 'answer',
      kind: 'see',
      title: 'What comes of it',
      text: [
        'Where they have agreed, persona 1 writes the *answer*: what the two would tell the person who asked. A judge gives it 0 to 5 for *Collective Agency*: whether it widens what people can know, do and become. In a training that is the reward. Without agreement it is 0, even where an answer was written to be read.',
      ],
      target: 'score',
      facts: groupNow,
    },
    {
      id: 'read',
      kind: 'see',
      title: 'Read before you believe',
      text: [
        'Read the open dialogue aloud. A model of this size often repeats itself, drops its goal, or takes up the other one’s words. Is that a negotiation? The score alone does not tell. What a score is worth is the matter of the last lesson.',
      ],
      target: 'dialogue',
      facts: repeatsNow,
    },
  ],
};
