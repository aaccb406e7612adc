import { expect, test } from 'vitest';
import { withOwnImports } from './prepare-package.mjs';

test.each([
  ["import type { A } from '@/lib/a.ts';", "import type { A } from '../lib/a.js';"],
  ["import type { B } from './b.ts';", "import type { B } from './b.js';"],
  ["export * from '../c/d.tsx';", "export * from '../c/d.js';"],
  ["type E = import('@/lib/e.ts').E;", "type E = import('../lib/e.js').E;"],
  ['import type { F } from "@/lib/f.ts";', 'import type { F } from "../lib/f.js";'],
  ["import '@/lib/g.ts';", "import '../lib/g.js';"],
  ["import { z } from 'zod';", "import { z } from 'zod';"],
])('%s', (source, made) => {
  expect(withOwnImports(source, '../')).toBe(made);
});
