import { test } from 'vitest';
import { createRng } from '@/lib/rng.ts';
import { expectClose } from '@/testing/all-close.ts';
import { finiteDifferences } from '@/testing/finite-differences.ts';
import { gatherRowsBackwardReference } from './gather-rows-backward.reference.ts';
import { gatherRowsReference } from './gather-rows.reference.ts';

test('gather-rows backward is the gradient of the forward (seed 1)', () => {
  const rng = createRng(1);
  const [D, rows] = [3, [0, 2, 2, 2, 3]];
  const spans = [
    { first: 0, count: 1 },
    { first: 1, count: 0 },
    { first: 1, count: 3 },
    { first: 4, count: 1 },
  ];
  const x = Float32Array.from({ length: spans.length * D }, () => rng.normal());
  const dy = Float32Array.from({ length: rows.length * D }, () => rng.normal());
  const expected = finiteDifferences((point) => gatherRowsReference(point, rows, D), x, dy);
  expectClose(gatherRowsBackwardReference(dy, spans, D), expected, 1e-20);
});
