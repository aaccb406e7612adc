import { kvBytesPerToken, NO_MODEL, WorkTotals } from '@/state/saved-work.ts';
import type { AppState } from '@/state/app-store.ts';
import { wholeRunOf } from '@/state/playback-slice.ts';
import type { Lesson } from '../lesson.ts';

const number = (value: number): string => value.toLocaleString('en');

/** For whichever run is shown: what was summed once is not summed again at each change of the page. */
const TOTALS = new WorkTotals(NO_MODEL);

function blocksNow({ reasoning: { views } }: AppState): string | null {
  const blocks = views.writer.length > 0 ? views.writer : views.thinker;
  if (blocks.length === 0) return null;
  const total = blocks.reduce((sum, { length }) => sum + length, 0);
  return `On the screen now: ${blocks.length} blocks with ${number(total)} tokens together, each with its keys and values in every layer.`;
}

function savedNow({ reasoning: { traceSteps } }: AppState): string | null {
  if (traceSteps.length === 0) return null;
  const { computedTokens, freshTokens } = TOTALS.upTo(traceSteps, traceSteps.length - 1);
  return `This run up to here: ${number(computedTokens)} tokens computed. Without a cache it would have been ${number(freshTokens)}, ${(freshTokens / computedTokens).toFixed(1)} times as many.`;
}

function priceNow({ model: { info } }: AppState): string | null {
  if (info === null) return null;
  const bytes = kvBytesPerToken(info);
  return `${info.name}: 2 × ${info.numHiddenLayers} layers × ${info.numKeyValueHeads} key heads × ${info.headDim} numbers × ${info.kvType === 'f16' ? 2 : 4} bytes = ${number(bytes)} bytes for each token.`;
}

export const KV_CACHE: Lesson = {
  id: 'kv-cache',
  title: 'What a KV cache is',
  about: 'Why a model need not read everything again for each word, what it keeps instead, and what that costs.',
  place: 'thinking',
  recordings: [{ kind: 'thinking', file: 'thinking-while-typing.json', playedIn: 'watch' }],
  steps: [
    {
      id: 'token',
      kind: 'explain',
      title: 'One token at a time',
      text: [
        'A language model reads and writes *tokens*: words, or pieces of words. It makes one at a time. For each new one it looks back at all the tokens in front of it and decides which of them matter now. That looking back is called *attention*.',
        'So the hundredth token looks at 99 others, the thousandth at 999. Does the model read all of them again each time? In this lesson you see what it keeps so that it does not have to.',
      ],
    },
    {
      id: 'ask',
      kind: 'do',
      way: 'live',
      title: 'Give it something to do',
      text: [
        'Type a question into the text box and press Enter, for example “Why do leaves change colour in autumn?” The model here begins to think with your first words. Wait until it has thought twenty tokens.',
      ],
      target: 'question-input',
      until: { kind: 'state', holds: ({ reasoning }) => reasoning.thinkerTokens >= 20 },
      doIt: [
        { kind: 'type', target: 'question-input', text: 'Why do leaves change colour in autumn?' },
        { kind: 'enter', target: 'question-input' },
      ],
    },
    {
      id: 'watch',
      kind: 'do',
      way: 'recorded',
      title: 'Let it run',
      text: [
        'This run was recorded, with the times it really took. Somebody types a question, and the model begins to think with the first words. Press Play, and wait until it has thought five tokens. Then the recording is held.',
      ],
      target: 'recording-play',
      until: { kind: 'state', holds: ({ reasoning }) => reasoning.thinkerTokens >= 5 },
      doIt: [{ kind: 'press', target: 'recording-play' }],
      isHeldAfter: true,
    },
    {
      id: 'thoughts',
      kind: 'see',
      title: 'Thoughts grow token by token',
      text: [
        'Here the model thinks. Each piece that appears is one token, and each took one *step*: one pass of the new token through all layers of the model. The number at the right counts them.',
      ],
      target: 'thoughts',
      facts: ({ reasoning: { thinkerTokens } }) =>
        thinkerTokens === 0 ? null : `Thought so far: ${number(thinkerTokens)} tokens.`,
    },
    {
      id: 'keys',
      kind: 'explain',
      title: 'Keys, values and queries',
      text: [
        'In every layer each token leaves two short lists of numbers behind. Its *key* says what can be found there, its *value* is what one gets from it. The token that is made now asks with a third list, its *query*: it is compared with all keys, and where they fit, the values are taken.',
        'A token’s key and value follow from the token and from what stood in front of it. What comes later does not change them. So they can be computed once and kept. The place where they are kept is the *KV cache*: K for keys, V for values.',
      ],
    },
    {
      id: 'why-kept',
      kind: 'question',
      title: 'Check: why can they be kept?',
      text: ['A token was read 50 steps ago. Why need its key and value not be computed again now?'],
      choices: [
        {
          text: 'They depend only on that token and on what stands in front of it, and that has not changed.',
          isRight: true,
          feedback: 'Right. A model of this kind never looks ahead, so nothing that comes later can change them.',
        },
        {
          text: 'Because tokens that are far away do not matter any longer.',
          feedback: 'They may matter a great deal: the query is compared with every key that is kept, near or far.',
        },
        {
          text: 'Because the model has learnt them in training.',
          feedback: 'What is learnt are the weights. Keys and values are computed from them for each text anew.',
        },
      ],
    },
    {
      id: 'open-blocks',
      kind: 'do',
      title: 'Open the picture of the cache',
      text: [
        'Choose the tab Blocks. It draws the KV cache as it stands, cut into *blocks*: pieces that grow each on its own.',
      ],
      target: 'picture-blocks',
      until: { kind: 'state', holds: ({ picture }) => picture === 'blocks' },
      doIt: [{ kind: 'press', target: 'picture-blocks' }],
    },
    {
      id: 'blocks',
      kind: 'see',
      title: 'One bar for each block',
      text: [
        'Each bar in the upper row is a block, as long as it has tokens: what you typed, the thoughts, the answer. Below, each stream has its *view*: the blocks that it reads, in its order. The thinker and the writer read the same keys. Nothing is stored twice.',
      ],
      target: 'pictures',
      facts: blocksNow,
    },
    {
      id: 'to-end',
      kind: 'do',
      way: 'recorded',
      title: 'Let it come to its end',
      text: [
        'Press Play again, and watch the bars grow to the end of the run. If you do not want to wait, choose “at once” for the speed first.',
      ],
      target: 'recording-play',
      until: { kind: 'state', holds: ({ playback }) => playback?.isAtEnd === true },
      doIt: [
        { kind: 'choose', target: 'recording-speed', value: 'Infinity' },
        { kind: 'press', target: 'recording-play' },
      ],
    },
    {
      id: 'step-back',
      kind: 'do',
      title: 'Go one step back',
      text: [
        'Press the button for the step before, two or three times, and look at the numbers. Each step added one token to the block of the stream that ran. All the other keys and values stayed as they were.',
      ],
      target: 'blocks-step-before',
      until: {
        kind: 'state',
        holds: (state) =>
          state.playback !== null &&
          state.playback.step < wholeRunOf(state).steps.length - 1 &&
          !state.playback.isPlaying,
      },
      doIt: [
        { kind: 'press', target: 'blocks-step-before' },
        { kind: 'press', target: 'blocks-step-before' },
      ],
    },
    {
      id: 'saved',
      kind: 'see',
      title: 'What was never computed again',
      text: [
        'Without a cache every step would read its whole view from the start: a few tokens in the first step, a thousand in the thousandth. Added up, that grows with the square of the length. With the cache each step computes its new tokens only. The number here is the difference.',
      ],
      target: 'saved-tokens',
      facts: savedNow,
    },
    {
      id: 'thousandth',
      kind: 'question',
      title: 'Check: the thousandth token',
      text: ['999 tokens are in the cache. What does the next one take?'],
      choices: [
        {
          text: 'Nothing but looking up what is stored.',
          feedback: 'The new token still has to pass through all layers, and its query meets every key that is stored.',
        },
        {
          text: 'One pass for the new token, and its query is compared with all the keys that are kept.',
          isRight: true,
          feedback:
            'Right. The pass through the layers is for one token only. Reading the cache still grows with the text: that is why long texts get slower even so.',
        },
        {
          text: 'Keys and values of all 1,000 tokens.',
          feedback: 'That is what it would take without a cache. With it, 999 of them are there already.',
        },
      ],
    },
    {
      id: 'price',
      kind: 'explain',
      title: 'What it costs',
      text: [
        'The cache saves time and pays with memory: two lists of numbers for each token, in every layer. It is set aside when a model is loaded, for as many tokens as its *context* may have. The chip “GPU” in the header opens the list: the weights, the cache, and the rest.',
        'It is the reason why a long context needs a large GPU, and why some models share one key among several query heads.',
      ],
      facts: priceNow,
    },
    {
      id: 'memory',
      kind: 'question',
      title: 'Check: twice the context',
      text: ['You load the same model with room for twice as many tokens. What happens to its memory?'],
      choices: [
        {
          text: 'Weights and cache both double.',
          feedback: 'The weights are what the model has learnt. They are the same for a short text and a long one.',
        },
        {
          text: 'The cache doubles, the weights stay as they are.',
          isRight: true,
          feedback:
            'Right. Each token has a key and a value in every layer, so the cache grows in step with the context.',
        },
        {
          text: 'The cache becomes four times as large.',
          feedback:
            'The work of reading without a cache grows like that. What is stored grows only in step with the tokens.',
        },
      ],
    },
    {
      id: 'more',
      kind: 'explain',
      title: 'What is special here',
      text: [
        'In an ordinary chat the cache is one long line, and it grows at its end only. Here your text grows while the thoughts behind it grow too: something is put in _in front of_ keys that are stored already. They should then move back by a place. How Duet avoids touching them is the next lesson.',
      ],
    },
  ],
};
