import type { AppState } from '@/state/app-store.ts';
import { thinkThenAnswerOf, waitOf } from '@/state/reasoning-waits.ts';
import { formatSeconds } from '@/ui/format.ts';
import type { Lesson } from '../lesson.ts';

const seconds = (ms: number): string => `${formatSeconds(ms)} s`;

function readNow({ reasoning: { draftTokens, heldBackTokens } }: AppState): string | null {
  if (draftTokens === 0) return null;
  return `Now: ${draftTokens} tokens of the text are read, ${heldBackTokens} held back.`;
}

function affectedNow({ reasoning: { affected } }: AppState): string | null {
  if (affected?.cause !== 'edit') return null;
  const done = { keep: 'kept', rewind: 'rolled back', restart: 'dropped, and thinking began anew' };
  const thoughts = affected.tokens === 1 ? '1 thought was' : `${affected.tokens} thoughts were`;
  return `In this run ${thoughts} ${done[affected.policy]}.`;
}

function waitsNow({ reasoning }: AppState): string | null {
  const other = thinkThenAnswerOf(reasoning);
  const wait = waitOf(reasoning, reasoning.startedAtMs + reasoning.elapsedMs);
  if (other === null) return null;
  const own =
    wait.kind === 'none'
      ? 'The answer began before Enter'
      : 'elapsedMs' in wait
        ? `Waited: ${seconds(wait.elapsedMs)}`
        : null;
  if (own === null) return null;
  return `${own}. Thinking first would have taken ${other.isAtLeast ? 'at least ' : ''}${seconds(other.elapsedMs)}: ${other.thinkerTokens} thoughts at ${seconds(other.msPerStep)} each.`;
}

function timesText(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function probesNow({ reasoning: { probes } }: AppState): string | null {
  if (probes.length === 0) return null;
  const numYes = probes.filter(({ yes }) => yes).length;
  return `Asked ${timesText(probes.length)} in this run; the answer was yes ${timesText(numYes)}.`;
}

/** Thoughts have met the change, and the new text is whole. */
function hasChangedMind({ reasoning: { affected }, draft, live }: AppState): boolean {
  return affected?.cause === 'edit' && (draft.trim() === '' ? live.question : draft).trimEnd().endsWith('?');
}

export const TYPING: Lesson = {
  id: 'typing',
  title: 'Thinking while you type',
  about: 'What a model can do before you press Enter, what that saves, and what it risks.',
  place: 'thinking',
  recordings: [{ kind: 'thinking', file: 'change-of-mind.json', playedIn: 'watch' }],
  steps: [
    {
      id: 'waiting',
      kind: 'explain',
      title: 'Where the time goes',
      text: [
        'Models that think answer better, but make you wait: you type, you press Enter, and only then they begin to think. Their thoughts may be hundreds of tokens long before the first word of the answer comes. While you were typing, the machine did nothing.',
        'Here it does two things at once. One *stream*, the thinker, thinks in private as soon as it has read something. Another one, the writer, answers. Both are the same model and share one memory.',
      ],
    },
    {
      id: 'type',
      kind: 'do',
      way: 'live',
      title: 'Type, and do not press Enter',
      text: [
        'Type a question slowly, for example “What is the capital of France and why”, and look at the thoughts below while you do. Leave it unsent. Wait for five thoughts. If an answer is being written, press Stop and New question first.',
      ],
      target: 'question-input',
      until: { kind: 'state', holds: ({ reasoning }) => reasoning.sentMs === null && reasoning.thinkerTokens >= 5 },
      doIt: [{ kind: 'type', target: 'question-input', text: 'What is the capital of France and why' }],
    },
    {
      id: 'watch',
      kind: 'do',
      way: 'recorded',
      title: 'Watch somebody type',
      text: [
        'This is a recorded run, with its real times. Press Play, and look at the text box and at the thoughts below it. Wait for three thoughts: Enter has not been pressed yet. Then the recording is held.',
      ],
      target: 'recording-play',
      until: { kind: 'state', holds: ({ reasoning }) => reasoning.thinkerTokens >= 3 },
      doIt: [{ kind: 'press', target: 'recording-play' }],
      isHeldAfter: true,
    },
    {
      id: 'held',
      kind: 'see',
      title: 'What is read, what is held back',
      text: [
        'The numbers above the text box say how much of it the model has read. The word that you are in the middle of is *held back*: half a word is other tokens than the whole one, and would have to be taken out again.',
      ],
      target: 'question-input',
      facts: readNow,
    },
    {
      id: 'change',
      kind: 'do',
      way: 'live',
      title: 'Change your mind',
      text: [
        'Now change a word that was read already: make Italy out of France, and end with a question mark. Look at the line below the thoughts. Where it says nothing, the thoughts had ended before they read that word: then change an earlier one, such as “capital”.',
      ],
      target: 'question-input',
      until: { kind: 'state', holds: hasChangedMind },
      doIt: [{ kind: 'type', target: 'question-input', text: 'What is the capital of Italy?' }],
    },
    {
      id: 'watch-change',
      kind: 'do',
      way: 'recorded',
      title: 'A change of mind',
      text: [
        'The person is about to think better of it: France becomes Italy. Press Play again, wait for it, and look at the line below the thoughts.',
      ],
      target: 'recording-play',
      until: {
        kind: 'state',
        holds: ({ reasoning, playback }) =>
          reasoning.affected?.cause === 'edit' && playback?.draft.includes('Italy') === true,
      },
      doIt: [
        { kind: 'choose', target: 'recording-speed', value: '5' },
        { kind: 'press', target: 'recording-play' },
      ],
      isHeldAfter: true,
    },
    {
      id: 'affected',
      kind: 'see',
      title: 'Thoughts on text that has changed',
      text: [
        'Thoughts that were formed on the old text may be wrong now. What becomes of them is a setting: they are kept and marked, rolled back to the last good one, or dropped. Text in front of the change stays read.',
      ],
      target: 'thoughts',
      facts: affectedNow,
    },
    {
      id: 'early',
      kind: 'question',
      title: 'Check: when is it worth most?',
      text: ['When do thoughts before Enter help the most?'],
      choices: [
        {
          text: 'When the last word of the question turns its meaning round.',
          feedback: 'Then what was thought before is of no use, and is dropped or leads astray.',
        },
        {
          text: 'When much is said early, and what comes later only adds to it.',
          isRight: true,
          feedback: 'Right. A long question, typed from front to back, leaves time to think about its beginning.',
        },
        {
          text: 'When the question is one word long.',
          feedback: 'One word takes a second to type. There is hardly any time to think in.',
        },
      ],
    },
    {
      id: 'enter',
      kind: 'do',
      way: 'live',
      title: 'Press Enter',
      text: ['Press Enter in the text box, and wait until the answer has begun.'],
      target: 'question-input',
      until: { kind: 'state', holds: ({ reasoning }) => reasoning.sentMs !== null && reasoning.writerTokens > 0 },
      doIt: [{ kind: 'enter', target: 'question-input' }],
    },
    {
      id: 'to-end',
      kind: 'do',
      way: 'recorded',
      title: 'To the end',
      text: [
        'Press Play once more: Enter is pressed, and the answer is written while the thinking goes on. With “at once” for the speed you see the end of the run now.',
      ],
      target: 'recording-play',
      until: { kind: 'state', holds: ({ playback }) => playback?.isAtEnd === true },
      doIt: [
        { kind: 'choose', target: 'recording-speed', value: 'Infinity' },
        { kind: 'press', target: 'recording-play' },
      ],
    },
    {
      id: 'waits',
      kind: 'see',
      title: 'The two waiting times',
      text: [
        'The upper bar is measured: from Enter to the first word of the answer. The lower one is an *estimate* of the ordinary way: all these thoughts after Enter and before the first word, at the speed that was measured here. Where the thoughts had not come to their end, it says “at least”.',
      ],
      target: 'waits',
      facts: waitsNow,
    },
    {
      id: 'estimate',
      kind: 'question',
      title: 'Check: what is compared?',
      text: ['What must one keep in mind about the lower bar?'],
      choices: [
        {
          text: 'It is measured too: the page runs both ways at once.',
          feedback:
            'Only the upper one is measured in this run. “Compare”, in the menu Studies, really runs both ways, one after the other.',
        },
        {
          text: 'It is too long by the time that you typed.',
          feedback: 'Typing is not in it: it counts from Enter, since in the ordinary way nothing is thought before.',
        },
        {
          text: 'It supposes that the ordinary way would have needed just as many thoughts.',
          isRight: true,
          feedback: 'Right. It may have needed fewer, or more. It is an estimate, and the page calls it one.',
        },
      ],
    },
    {
      id: 'probe',
      kind: 'see',
      title: 'Who lets the writer begin',
      text: [
        'Now and then the model is asked, out of sight, whether its thoughts suffice to write on. The *margin* is how much likelier “yes” is than “no”, on a logarithmic scale. Above the threshold, the writer goes on. This is the *probe*. A *bias* is added to it: the margins of small models are so small that their writer might never begin.',
      ],
      target: 'probe',
      facts: probesNow,
    },
    {
      id: 'open-timeline',
      kind: 'do',
      title: 'Open the timeline',
      text: ['Choose the tab Timeline: who made a token when.'],
      target: 'picture-timeline',
      until: { kind: 'state', holds: ({ picture }) => picture === 'timeline' },
      doIt: [{ kind: 'press', target: 'picture-timeline' }],
    },
    {
      id: 'timeline',
      kind: 'see',
      title: 'Side by side',
      text: [
        'From top to bottom: your keys, thinking, writing, the probe. Where think and write lie above each other, both streams ran in the same step. A step with two streams takes hardly longer than with one where reading the weights is what takes the time, as on most GPUs.',
      ],
      target: 'pictures',
    },
    {
      id: 'price',
      kind: 'explain',
      title: 'What it costs',
      text: [
        'Writing early means writing before all is thought. The authors of the method found models too ready to say yes to the probe, and say that most of the accuracy that is lost is lost so: the answer begins too early. So a short wait is half of the story. The other half is whether the answers are as good: “Evaluate”, in the menu Studies, counts right answers of both ways.',
      ],
    },
  ],
};
