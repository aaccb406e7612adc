import type { Rng } from '@/lib/rng.ts';
import { expectClose } from '@/testing/all-close.ts';
import { kernelTest, normals } from '@/testing/kernel-test.ts';
import type { KernelBench } from '@/testing/kernel-test.ts';
import { ropeTableReference } from '../kv-write/kv-write.reference.ts';
import { rotaryBackwardReference } from './rotary-backward.reference.ts';
import { rotaryReference } from './rotary.reference.ts';
import { recordRotary, recordRotaryBackward } from './rotary.ts';

/** NMSE, inherited: sums over a head, a square root, products. */
const ACCURACY = 1e-12;
const EPS = 1e-6;
/** Words in front of the tokens' entries, as other parts of a table take. */
const TOKENS_AT = 5;

interface Token {
  readonly prefixLength: number;
  readonly ownStart: number;
}

const row = (start: number, length: number, prefixLength = 0): Token[] =>
  Array.from({ length }, () => ({ prefixLength, ownStart: start }));

/** A prompt of 3 tokens with completions of 2 and 4 tokens, then a row without a shared prompt. */
const GROUP = [...row(0, 3), ...row(3, 2, 3), ...row(5, 4, 3), ...row(9, 4)];

interface Case {
  readonly what: string;
  readonly H: number;
  readonly Hkv: number;
  readonly K: number;
  readonly hasQkNorm: boolean;
  readonly hasBias: boolean;
  readonly tokens: readonly Token[];
}

const CONTROL: Case = { what: 'control', H: 2, Hkv: 1, K: 16, hasQkNorm: false, hasBias: false, tokens: row(0, 1) };

const CASES: readonly Case[] = [
  CONTROL,
  { ...CONTROL, what: 'bias', hasBias: true },
  { ...CONTROL, what: 'norms', hasQkNorm: true, hasBias: true },
  { ...CONTROL, what: 'a shared prompt', tokens: GROUP },
  { ...CONTROL, what: 'SmolLM2', H: 9, Hkv: 3, K: 64, tokens: row(0, 25) },
  { ...CONTROL, what: 'qwen3', H: 16, Hkv: 8, K: 128, hasQkNorm: true, tokens: GROUP },
  { ...CONTROL, what: 'odd head size', H: 4, Hkv: 2, K: 40, hasQkNorm: true, hasBias: true, tokens: GROUP },
];

function inputsOf(bench: KernelBench, rng: Rng, { H, Hkv, K, hasQkNorm, hasBias, tokens }: Case) {
  const width = (H + 2 * Hkv) * K;
  const positions = tokens.map(({ prefixLength, ownStart }, n) => prefixLength + n - ownStart);
  const table = new Uint32Array(TOKENS_AT + 4 * tokens.length).fill(0xffffffff);
  tokens.forEach((token, n) => table.set([token.prefixLength, token.ownStart], TOKENS_AT + 4 * n + 1));
  const shape = { headDim: K, numHeads: H, numKvHeads: Hkv, eps: EPS };
  const input = {
    qkv: normals(rng, tokens.length * width),
    bias: hasBias ? normals(rng, width) : new Float32Array(width),
    qNorm: hasQkNorm ? normals(rng, K) : null,
    kNorm: hasQkNorm ? normals(rng, K) : null,
    rope: ropeTableReference(K, 10_000, Math.max(...positions) + 1),
    positions,
    ...shape,
  };
  const buffers = {
    qkv: bench.input('qkv', input.qkv),
    bias: bench.input('bias', input.bias),
    qNorm: bench.input('q norm', input.qNorm ?? new Float32Array(K)),
    kNorm: bench.input('k norm', input.kNorm ?? new Float32Array(K)),
    rope: bench.input('rope', input.rope),
    table: bench.input('table', table),
  };
  return { input, buffers, shape: { ...shape, numTokens: tokens.length, tokensAt: TOKENS_AT, hasQkNorm } };
}

for (const testCase of CASES) {
  const { what, H, Hkv, K, tokens } = testCase;
  kernelTest(`rotary, both ways: ${what}, N ${tokens.length}, H ${H}, Hkv ${Hkv}, K ${K}`, 61, async (bench, rng) => {
    const { input, buffers, shape } = inputsOf(bench, rng, testCase);
    const heads = bench.output('heads', input.qkv.length);
    recordRotary(bench.recorder, { ...buffers, heads }, shape);
    const gradient = normals(rng, input.qkv.length);
    const dQkv = bench.output('d qkv', input.qkv.length);
    recordRotaryBackward(bench.recorder, { ...buffers, dHeads: bench.input('d heads', gradient), dQkv }, shape);
    await bench.run();
    expectClose(bench.floats(heads), rotaryReference(input), ACCURACY);
    expectClose(bench.floats(dQkv), rotaryBackwardReference(input, gradient), ACCURACY);
  });
}
