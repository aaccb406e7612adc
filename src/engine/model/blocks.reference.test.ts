/**
 * Identities of block-local keys and rotated queries (docs: the method's invariants 1 to 8, 10 and 11), on the oracle,
 * in double precision.
 */
import { describe, expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import { createRng, type Rng } from '@/lib/rng.ts';
import { maxAbsDifference } from '@/lib/statistics.ts';
import { readTinyReferenceModel } from '@/testing/golden-files.ts';
import { ReferenceBlock } from './block.reference.ts';
import {
  forwardReference,
  type ReferenceModel,
  type ReferenceOptions,
  rotaryOffsetsReference,
} from './forward.reference.ts';
import { ropeFrequenciesReference, rotateReference } from './rope.reference.ts';

const EXACT = 1e-10;
/** Logits of the tiny models differ by this much where something is really different. */
const DIFFERENT = 0.1;

const tokens = (rng: Rng, model: ReferenceModel, count: number): number[] =>
  Array.from({ length: count }, () => rng.integer(model.config.vocabSize));

/** Blocks of design B with a prompt, some thoughts and the writer's prefix in them. */
function start(model: ReferenceModel, ids: { prompt: number[]; thoughts: number[]; response: number[] }) {
  const [prompt, thinker, writer] = ['prompt', 'thinker', 'writer'].map(
    (name) => new ReferenceBlock(name, model.config),
  );
  if (prompt === undefined || thinker === undefined || writer === undefined) throw new Error('Three blocks were made.');
  run(model, [prompt], ids.prompt);
  run(model, [prompt, thinker], ids.thoughts);
  run(model, [prompt, thinker, writer], ids.response);
  return { prompt, thinker, writer, thinkerView: [prompt, thinker], writerView: [prompt, thinker, writer] };
}

/** One forward of one row; raw logits at its last token. */
function run(
  model: ReferenceModel,
  view: ReferenceBlock[],
  tokenIds: number[],
  options?: ReferenceOptions,
): Float64Array {
  return at(forwardReference(model, [{ view, tokenIds }], options), 0).logits;
}

/** Ordinary decoding: one block, one forward. */
function plain(model: ReferenceModel, tokenIds: number[]): Float64Array {
  return run(model, [new ReferenceBlock('all', model.config)], tokenIds);
}

const copyOf = (block: ReferenceBlock): Float64Array[] =>
  Array.from({ length: block.shape.numHiddenLayers }, (_, layer) => [
    Float64Array.from(block.keys(layer)),
    Float64Array.from(block.values(layer)),
  ]).flat();

const largest = (a: readonly Float64Array[], b: readonly Float64Array[]): number =>
  Math.max(0, ...a.map((values, i) => maxAbsDifference(values, at(b, i))));

describe('rotation', () => {
  const config = { headDim: 32, ropeTheta: 1e6, ropeScaling: { kind: 'none' } } as const;
  const frequencies = ropeFrequenciesReference(config);
  const rng = createRng(11);
  const vector = (): Float64Array => Float64Array.from({ length: 32 }, () => rng.normal());
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * at(b, i), 0);

  it('1: depends on the difference of positions only, up to 5000', () => {
    for (let trial = 0; trial < 200; trial++) {
      const [q, k, i, j] = [vector(), vector(), rng.integer(5000), rng.integer(5000)];
      const both = dot(rotateReference(q, i, frequencies), rotateReference(k, j, frequencies));
      expect(Math.abs(both - dot(rotateReference(q, i - j, frequencies), k))).toBeLessThan(EXACT);
    }
  });

  it('there and back is the identity, and by 0 changes nothing', () => {
    const x = vector();
    expect(rotateReference(x, 0, frequencies)).toEqual(x);
    const back = rotateReference(rotateReference(x, 777, frequencies), -777, frequencies);
    expect(maxAbsDifference(back, x)).toBeLessThan(EXACT);
  });

  it('scales frequencies as the file says', () => {
    const linear = ropeFrequenciesReference({ ...config, ropeScaling: { kind: 'linear', factor: 4 } });
    expect(
      maxAbsDifference(
        linear,
        frequencies.map((frequency) => frequency / 4),
      ),
    ).toBe(0);
    const factors = Float32Array.from({ length: 16 }, (_, i) => 1 + i);
    const divided = ropeFrequenciesReference({ ...config, ropeScaling: { kind: 'factors', factors } });
    expect(
      maxAbsDifference(
        divided,
        frequencies.map((frequency, i) => frequency / (1 + i)),
      ),
    ).toBe(0);
  });

  it('keeps high frequencies and divides low ones for llama3', () => {
    const ropeScaling = {
      kind: 'llama3',
      factor: 8,
      lowFreqFactor: 1,
      highFreqFactor: 4,
      originalContextLength: 8192,
    } as const;
    const plainFrequencies = ropeFrequenciesReference({ ...config, headDim: 64, ropeTheta: 5e5 });
    const scaled = ropeFrequenciesReference({ headDim: 64, ropeTheta: 5e5, ropeScaling });
    const ratios = [...scaled].map((frequency, i) => frequency / at(plainFrequencies, i));
    expect(at(ratios, 0)).toBe(1);
    expect(at(ratios, 31)).toBe(1 / 8);
    ratios.slice(1).forEach((ratio, i) => expect(ratio).toBeLessThanOrEqual(at(ratios, i)));
    // Halfway up the ramp, at (1 + 4) / 2 turns in 8192 positions: the mean of 1 and 1/8.
    const turns = (frequency: number): number => (8192 * frequency) / (2 * Math.PI);
    const inRamp = ratios.findIndex((_, i) => turns(at(plainFrequencies, i)) < 4 && turns(at(plainFrequencies, i)) > 1);
    const ramp = (turns(at(plainFrequencies, inRamp)) - 1) / 3;
    expect(at(ratios, inRamp)).toBeCloseTo((1 - ramp) / 8 + ramp, 12);
  });

  it("offsets follow the formula: the paper's example of one new token behind P, T, W", () => {
    expect(rotaryOffsetsReference([5, 7, 3], 1)).toEqual([14, 9, 2]);
    expect(rotaryOffsetsReference([4, 0, 6], 3)).toEqual([7, 3, 3]);
  });
});

describe.each(['llama', 'qwen2', 'qwen3'] as const)('blocks and views on tiny %s', (architecture) => {
  const setUp = async (seed: number) => {
    const model = await readTinyReferenceModel(architecture);
    const rng = createRng(seed);
    const ids = { prompt: tokens(rng, model, 6), thoughts: tokens(rng, model, 3), response: tokens(rng, model, 2) };
    return { model, rng, ids, ...start(model, ids) };
  };

  it.each(['A', 'B'] as const)(
    '2: rotating queries equals rotating keys while streams grow and pause, design %s',
    async (design) => {
      const model = await readTinyReferenceModel(architecture);
      const logits = (rotate: 'queries' | 'keys'): Float64Array[] => {
        const rng = createRng(21);
        const ids = { prompt: tokens(rng, model, 6), thoughts: tokens(rng, model, 3), response: tokens(rng, model, 2) };
        const { prompt, thinker, writer, writerView } = start(model, ids);
        const thinkerView = design === 'A' ? [prompt, writer, thinker] : [prompt, thinker];
        return Array.from({ length: 9 }, (_, step) => {
          const [thought, word] = tokens(rng, model, 2);
          const rows = [
            { view: thinkerView, tokenIds: [thought ?? 0] },
            ...(step % 3 === 2 ? [] : [{ view: writerView, tokenIds: [word ?? 0] }]),
          ];
          return forwardReference(model, rows, { rotate }).map((row) => row.logits);
        }).flat();
      };
      expect(largest(logits('queries'), logits('keys'))).toBeLessThan(EXACT);
    },
  );

  it('3, 4: in design B the thinker is ordinary decoding, and a step of both is one after the other', async () => {
    const { model, rng, ids, thinkerView, writerView } = await setUp(31);
    const serial = start(model, ids);
    const thoughts = [...ids.thoughts];
    for (let step = 0; step < 6; step++) {
      const [thought, word] = tokens(rng, model, 2) as [number, number];
      thoughts.push(thought);
      const both = forwardReference(model, [
        { view: thinkerView, tokenIds: [thought] },
        { view: writerView, tokenIds: [word] },
      ]);
      expect(maxAbsDifference(at(both, 0).logits, plain(model, [...ids.prompt, ...thoughts]))).toBeLessThan(EXACT);
      expect(maxAbsDifference(at(both, 0).logits, run(model, serial.thinkerView, [thought]))).toBe(0);
      expect(maxAbsDifference(at(both, 1).logits, run(model, serial.writerView, [word]))).toBe(0);
    }
  });

  it('5, 6: the writer is ordinary decoding while the thinker is frozen, and differs once it grows', async () => {
    const { model, rng, ids, thinkerView, writer, writerView } = await setUp(51);
    const word = tokens(rng, model, 1);
    const response = [...ids.response, ...word];
    const frozen = run(model, writerView, word);
    const whole = [...ids.prompt, ...ids.thoughts, ...response];
    expect(maxAbsDifference(frozen, plain(model, whole))).toBeLessThan(EXACT);
    const late = tokens(rng, model, 5);
    run(model, thinkerView, late);
    const next = tokens(rng, model, 1);
    const grown = run(model, writerView, next);
    const fresh = start(model, { prompt: ids.prompt, thoughts: [...ids.thoughts, ...late], response });
    expect(maxAbsDifference(grown, run(model, fresh.writerView, next))).toBeGreaterThan(DIFFERENT);
    // The first layer's keys and values depend on the token alone; deeper ones remember the shorter thoughts.
    expect(maxAbsDifference(writer.keys(0), fresh.writer.keys(0))).toBe(0);
    expect(maxAbsDifference(writer.values(0), fresh.writer.values(0))).toBe(0);
    expect(maxAbsDifference(writer.keys(1), fresh.writer.keys(1))).toBeGreaterThan(1e-3);
  });

  it("7: the writer in front of the thinker would miss the same step's thought", async () => {
    const { model, rng, ids, thinkerView, writerView } = await setUp(71);
    const wrong = start(model, ids);
    const [thought, word] = tokens(rng, model, 2) as [number, number];
    const [, together] = forwardReference(model, [
      { view: thinkerView, tokenIds: [thought] },
      { view: writerView, tokenIds: [word] },
    ]);
    const before = run(model, wrong.writerView, [word]);
    expect(maxAbsDifference(together?.logits ?? [], before)).toBeGreaterThan(DIFFERENT);
  });

  it('8: text appended to the prompt moves later blocks and touches none of their keys', async () => {
    const { model, rng, ids, prompt, thinker, thinkerView } = await setUp(81);
    const untouched = copyOf(thinker);
    const added = tokens(rng, model, 4);
    run(model, [prompt], added);
    expect(largest(copyOf(thinker), untouched)).toBe(0);
    const thought = tokens(rng, model, 1);
    const [moved] = forwardReference(model, [{ view: thinkerView, tokenIds: thought }]);
    expect(moved?.rotaryOffsets).toEqual([ids.prompt.length + 4 + ids.thoughts.length, ids.thoughts.length]);
    const fresh = plain(model, [...ids.prompt, ...added, ...ids.thoughts, ...thought]);
    expect(maxAbsDifference(moved?.logits ?? [], fresh)).toBeGreaterThan(1e-2);
  });

  it('10: a probe leaves every block and the next logits as they were', async () => {
    const { model, rng, ids, thinker, writer, writerView } = await setUp(101);
    const unprobed = start(model, ids);
    const [question, probePrompt] = [
      new ReferenceBlock('question', model.config),
      new ReferenceBlock('p', model.config),
    ];
    run(model, [probePrompt], tokens(rng, model, 5));
    const before = [copyOf(thinker), copyOf(writer)].flat();
    run(model, [probePrompt, thinker, writer, question], tokens(rng, model, 7));
    question.clear();
    expect(largest([copyOf(thinker), copyOf(writer)].flat(), before)).toBe(0);
    const word = tokens(rng, model, 1);
    expect(maxAbsDifference(run(model, writerView, word), run(model, unprobed.writerView, word))).toBe(0);
  });

  it('11: cutting and appending equals reading the new draft afresh', async () => {
    const { model, rng, ids, prompt } = await setUp(111);
    const [draft, tail] = [tokens(rng, model, 8), tokens(rng, model, 3)];
    const [edited, fresh] = [new ReferenceBlock('draft', model.config), new ReferenceBlock('draft', model.config)];
    run(model, [prompt, edited], draft);
    edited.truncate(5);
    run(model, [prompt, edited], tail);
    run(model, [prompt, fresh], [...draft.slice(0, 5), ...tail]);
    expect(largest(copyOf(edited), copyOf(fresh))).toBeLessThan(EXACT);
    expect(ids.prompt.length).toBe(prompt.length);
  });

  it('reads several tokens at once as one by one, at unrelated positions and with an empty block in the view', async () => {
    const { model, rng, prompt, thinker, thinkerView } = await setUp(121);
    const ids = tokens(rng, model, 6);
    const copy = thinker.fork('copy');
    const empty = new ReferenceBlock('empty', model.config);
    const atOnce = run(model, thinkerView, ids);
    const oneByOne = ids.map((id) => run(model, [prompt, empty, copy], [id])).at(-1);
    expect(maxAbsDifference(atOnce, oneByOne ?? [])).toBeLessThan(EXACT);
    expect(largest(copyOf(copy), copyOf(thinker))).toBeLessThan(EXACT);
  });

  it('tells the order of two blocks apart', async () => {
    const { model, rng, prompt, thinker, writer } = await setUp(131);
    const ids = tokens(rng, model, 2);
    const end = (): ReferenceBlock => new ReferenceBlock('end', model.config);
    const difference = maxAbsDifference(
      run(model, [prompt, thinker, writer, end()], ids),
      run(model, [prompt, writer, thinker, end()], ids),
    );
    expect(difference).toBeGreaterThan(1e-2);
  });
});

describe('misuse', () => {
  it('refuses two rows on one block, empty rows, unknown ids and impossible cuts', async () => {
    const model = await readTinyReferenceModel('llama');
    const block = new ReferenceBlock('block', model.config);
    const row = { view: [block], tokenIds: [1] };
    expect(() => forwardReference(model, [row, row])).toThrow(RangeError);
    expect(() => forwardReference(model, [{ view: [block], tokenIds: [] }])).toThrow(RangeError);
    expect(() => forwardReference(model, [{ view: [block], tokenIds: [model.config.vocabSize] }])).toThrow(RangeError);
    expect(block.length).toBe(0);
    expect(() => {
      block.truncate(1);
    }).toThrow(RangeError);
  });
});
