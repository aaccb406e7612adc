import { formatTiny } from '@/lib/format-tiny.ts';
import type { AppState } from '@/state/app-store.ts';
import { dialReadingOf, nearestHeadSample, strongestPair } from '@/state/head-sample.ts';
import type { Lesson } from '../lesson.ts';

/** By the steps of a run, which are another list with each step: the page asks at every change. */
const scoresOf = new WeakMap<AppState['reasoning']['traceSteps'], string | null>();

/** What the dial shows first. */
function scoresNow({ reasoning }: AppState): string | null {
  const known = scoresOf.get(reasoning.traceSteps);
  if (known !== undefined) return known;
  const scores = readScores(reasoning);
  scoresOf.set(reasoning.traceSteps, scores);
  return scores;
}

function readScores({ traceSteps, setup }: AppState['reasoning']): string | null {
  const sample = nearestHeadSample({ traceSteps, setup }, traceSteps.length - 1);
  if (sample === null || sample.head.keys.length === 0) return null;
  const thought = sample.head.keys.findLastIndex(
    ({ block }) => sample.view[block]?.startsWith('thinker_output') === true,
  );
  const which = Math.max(0, thought);
  const reading = dialReadingOf(sample, which, strongestPair(sample, which), 0);
  if (reading === null) return null;
  const { queryTurned, keyTurned, difference } = reading;
  return `Step ${sample.step} of this run: ${queryTurned.score.toFixed(6)} with the query turned, ${keyTurned.score.toFixed(6)} with the key turned. They differ by ${formatTiny(difference)}.`;
}

function offsetsNow({ reasoning: { views } }: AppState): string | null {
  const blocks = views.writer;
  if (blocks.length === 0) return null;
  const offsets = blocks.map(({ rotaryOffset, length }) => `${rotaryOffset} for a block of ${length}`).join(', ');
  return `The writer looks at its blocks from ${offsets}.`;
}

function checkNow({ check: { report } }: AppState): string | null {
  if (report === null) return null;
  const found = report.rows.map(
    ({ stream, maxLogitDifference, expected }) =>
      `${stream} ${formatTiny(maxLogitDifference)}, expected: ${expected === 'exact' ? 'rounding' : 'more than rounding'}`,
  );
  return `Largest differences in step ${report.step}: ${found.join('; ')}. Up to ${formatTiny(report.tolerance)} counts as rounding.`;
}

export const ROTATION: Lesson = {
  id: 'rotation',
  title: 'Why rotating the query is enough',
  about: 'How text can grow in front of stored keys without any of them being touched, and what that does not solve.',
  place: 'thinking',
  recordings: [{ kind: 'thinking', file: 'thinking-while-typing.json', playedIn: null }],
  steps: [
    {
      id: 'place',
      kind: 'explain',
      title: 'How a model knows the order',
      text: [
        'Attention compares the *query* of the new token with the stored *key* of every token in front of it. That alone would not tell “dog bites man” from “man bites dog”. So the place of a token is worked into its numbers.',
        'The way used here is *rotary positions*: the numbers of a key are taken in pairs, and each pair is turned like the hand of a clock, by an angle that grows with the place. The fast hands go round in a few tokens, the slow ones in tens of thousands and more. The query is turned in the same way, by its own place.',
      ],
    },
    {
      id: 'distance',
      kind: 'question',
      title: 'Check: what the comparison sees',
      text: [
        'A query at place 40 meets a key at place 30. Now ten tokens are put in front of both, so they stand at 50 and 40. What happens to the angle between the two hands?',
      ],
      choices: [
        {
          text: 'It stays: both are turned on by the same angle.',
          isRight: true,
          feedback:
            'Right. Only the distance counts, here ten tokens. That is the whole idea, and all that follows uses it.',
        },
        {
          text: 'It grows by ten tokens’ worth.',
          feedback:
            'Each hand is turned on by ten tokens’ worth, and both in the same direction. What is between them stays.',
        },
        {
          text: 'It shrinks, because the text is longer.',
          feedback:
            'The length of the text does not come into it. Each hand is turned by its own place, and only by that.',
        },
      ],
    },
    {
      id: 'trouble',
      kind: 'explain',
      title: 'The trouble',
      text: [
        'In an ordinary chat new tokens come at the end only. Here you may still be typing: your question grows _in front of_ the thoughts, and the thoughts grow in front of the answer. With every such token, all keys behind it should stand one place further on.',
        'An ordinary cache would have to turn all those keys again, in every layer, at every step. For long thoughts that is more work than the step itself.',
      ],
    },
    {
      id: 'ask',
      kind: 'do',
      way: 'live',
      title: 'Make a run to look at',
      text: [
        'Ask something and wait until the answer has begun: the picture of the next step is drawn from a query and keys of this very run.',
      ],
      target: 'question-input',
      until: {
        kind: 'state',
        holds: ({ reasoning: { traceSteps, setup } }) =>
          nearestHeadSample({ traceSteps, setup }, traceSteps.length - 1) !== null,
      },
      doIt: [
        { kind: 'type', target: 'question-input', text: 'What is the capital of France?' },
        { kind: 'enter', target: 'question-input' },
      ],
    },
    {
      id: 'open-dial',
      kind: 'do',
      title: 'Open the dial',
      text: [
        'Choose the tab Rotary dial. It takes one query of the writer, and from each block the key that it read most, as they were in the run.',
      ],
      target: 'picture-rotaryDial',
      until: { kind: 'state', holds: ({ picture }) => picture === 'rotaryDial' },
      doIt: [{ kind: 'press', target: 'picture-rotaryDial' }],
    },
    {
      id: 'dials',
      kind: 'see',
      title: 'Two ways, one angle',
      text: [
        'The disc is the query, the square is the key. Left, the key stays as it is stored and the query is turned _back_ by the number of tokens in front of the key’s block. Right, the query keeps its place and the key is turned _forward_ by as much, as an ordinary cache would do it.',
        'The two hands enclose the same angle on both dials, so both give the same score. What is left of a difference is rounding.',
      ],
      target: 'pictures',
      facts: scoresNow,
    },
    {
      id: 'in-front',
      kind: 'do',
      title: 'Put text in front',
      text: [
        'Move the slider “Tokens added in front”, as if somebody had typed so much more in front of this block. Watch both dials: right, both hands go round; left, neither moves.',
      ],
      target: 'dial-in-front',
      until: { kind: 'changed', target: 'dial-in-front' },
      doIt: [{ kind: 'slide', target: 'dial-in-front', to: 'end' }],
    },
    {
      id: 'rewritten',
      kind: 'see',
      title: 'What had to be written',
      text: [
        'The sentence below the dials counts. An ordinary cache would have turned every key behind the new text. Here nothing in memory was written: each block keeps its keys at places counted from its own first token, 0, 1, 2, and so on.',
      ],
      target: 'dial-rewritten',
    },
    {
      id: 'open-blocks',
      kind: 'do',
      title: 'See the offsets',
      text: ['Choose the tab Blocks. The rows below the cache show from where each stream looks at each block.'],
      target: 'picture-blocks',
      until: { kind: 'state', holds: ({ picture }) => picture === 'blocks' },
      doIt: [{ kind: 'press', target: 'picture-blocks' }],
    },
    {
      id: 'offsets',
      kind: 'see',
      title: 'One number for each block',
      text: [
        'The *offset* of a block is the place of the newest token, counted from the block’s first one. The query is turned once for each block, by its offset, and then compared with all the keys in it. A handful of turns in place of hundreds.',
      ],
      target: 'pictures',
      facts: offsetsNow,
    },
    {
      id: 'written',
      kind: 'question',
      title: 'Check: the thoughts grow',
      text: [
        'The thoughts become one token longer while an answer stands behind them. What is written into the cache?',
      ],
      choices: [
        {
          text: 'The key and value of the new thought, and all keys of the answer, turned on by one.',
          feedback:
            'That is the ordinary cache. Here the answer’s keys are counted from the answer’s own beginning, which they do not leave.',
        },
        {
          text: 'Only the key and value of the new thought.',
          isRight: true,
          feedback:
            'Right. In the next step the writer’s query is turned by one more for the blocks in front of its own. Numbers in memory stay.',
        },
        {
          text: 'Nothing: the offsets take care of it.',
          feedback:
            'The new thought’s own key and value have to be stored, or nobody could read it. All the others stay.',
        },
      ],
    },
    {
      id: 'show-check',
      kind: 'do',
      way: 'live',
      title: 'Is it true?',
      text: ['Choose the tab Check. There the page can compute what the run computed, but without its cache.'],
      target: 'picture-check',
      until: { kind: 'state', holds: ({ picture }) => picture === 'check' },
      doIt: [{ kind: 'press', target: 'picture-check' }],
    },
    {
      id: 'open-check',
      kind: 'do',
      way: 'live',
      title: 'Have it recomputed',
      text: [
        'Press the button. The page replays the run to this step, then encodes the same text from scratch, and compares the results. On a slow machine this takes a while; you may skip it.',
      ],
      target: 'check-begin',
      until: {
        kind: 'state',
        holds: ({ check, reasoning }) =>
          check.phase === 'done' && check.report !== null && check.setup === reasoning.setup,
      },
      doIt: [{ kind: 'press', target: 'check-begin' }],
    },
    {
      id: 'checked',
      kind: 'see',
      way: 'live',
      title: 'Rounding, and more than rounding',
      text: [
        'Thoughts that began after your last word agree but for rounding. Thoughts that began before it, and the writer’s words, were computed with less text in front of them and are not computed again. How much that matters is the size of the difference.',
      ],
      target: 'pictures',
      facts: checkNow,
    },
    {
      id: 'check-recorded',
      kind: 'explain',
      way: 'recorded',
      title: 'The check that needs a model',
      text: [
        'The tab Check recomputes a step from scratch and compares the results. It computes on a loaded model, so there is nothing to press in this recorded run; in the live form of the lesson there is.',
        'Thoughts that began after the last word of the question have to agree but for rounding. Thoughts that began before it, as here, and the writer’s words, were computed with less text in front of them and are not computed again. So they may differ by more.',
      ],
    },
    {
      id: 'stale',
      kind: 'question',
      title: 'Check: what turning does not mend',
      text: [
        'Ten words of the answer were written when there were 20 thoughts. Now there are 60. What holds for those ten words?',
      ],
      choices: [
        {
          text: 'Their distances are exact, but what they hold was computed when they could read 20 thoughts only.',
          isRight: true,
          feedback:
            'Right. It is called *stale*: above the first layer, keys and values depend on what a token could see when it was written. Turning mends places, not contents.',
        },
        {
          text: 'Nothing: turning the query has brought them up to date.',
          feedback:
            'Turning changes where they stand, seen from the query. What was computed into them stays as it was.',
        },
        {
          text: 'They are wrong and are thrown away.',
          feedback: 'They are kept. They are what a person knows who has spoken already while thinking on.',
        },
      ],
    },
  ],
};
