import { expect } from 'vitest';
import { expectClose } from '@/testing/all-close.ts';
import { kernelTest, normals } from '@/testing/kernel-test.ts';
import { swigluBackwardReference, swigluReference } from './swiglu.reference.ts';
import { recordSwiglu, recordSwigluBackward } from './swiglu.ts';

/** NMSE: a few f32 operations; WGSL allows exp(x) an error of 3 + 2 |x| units in the last place. */
const ACCURACY = 1e-12;

const CASES = [
  { what: 'control', T: 1, F: 8 },
  { what: 'one tile', T: 1, F: 4 },
  { what: 'quads not a multiple of the workgroup', T: 3, F: 260 },
  { what: 'SmolLM2', T: 25, F: 1536 },
];

for (const { what, T, F } of CASES) {
  kernelTest(`swiglu: ${what}, T ${T}, F ${F}`, 51, async (bench, rng) => {
    const gateUp = normals(rng, T * 2 * F, 3);
    const y = bench.output('y', T * F);
    recordSwiglu(bench.recorder, { gateUp: bench.input('gate up', gateUp), y }, { numTokens: T, F });
    await bench.run();
    expectClose(bench.floats(y), swigluReference(gateUp), ACCURACY);
  });

  kernelTest(`swiglu backward: ${what}, T ${T}, F ${F}`, 52, async (bench, rng) => {
    const gateUp = normals(rng, T * 2 * F, 3);
    const dy = normals(rng, T * F);
    const inOut = bench.inOut('gate up', gateUp);
    recordSwigluBackward(bench.recorder, { dy: bench.input('dy', dy), gateUp: inOut }, { numTokens: T, F });
    await bench.run();
    expectClose(bench.floats(inOut), swigluBackwardReference(dy, gateUp), ACCURACY);
  });
}

kernelTest('swiglu backward: large gates give up and gate, very negative ones 0', 53, async (bench) => {
  const gateUp = bench.inOut('gate up', Float32Array.of(-1000, -200, 200, 1000, 3, 3, 3, 3));
  recordSwigluBackward(
    bench.recorder,
    { dy: bench.input('dy', Float32Array.of(1, 1, 1, 1)), gateUp },
    { numTokens: 1, F: 4 },
  );
  await bench.run();
  expect([...bench.floats(gateUp)].map((value) => value + 0)).toEqual([0, 0, 3, 3, 0, 0, 200, 1000]);
});
