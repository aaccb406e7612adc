/** Fitness of the kernels: every variant compiles at default limits without a word from the compiler. */
import { expect, test } from 'vitest';
import { withGpu } from '@/testing/gpu-device.ts';
import { KERNEL_VARIANTS, variantName } from '@/testing/kernel-variants.ts';
import { kernelSource } from './kernel.ts';

for (const variant of KERNEL_VARIANTS)
  test(`${variantName(variant)} compiles without a message`, async () => {
    await withGpu(async ({ device }) => {
      const module = device.createShaderModule({ code: kernelSource(variant.kernel, variant.chunks) });
      const { messages } = await module.getCompilationInfo();
      expect(messages.map(({ type, lineNum, message }) => `${type} in line ${lineNum}: ${message}`)).toEqual([]);
      await device.createComputePipelineAsync({
        layout: 'auto',
        compute: { module, entryPoint: 'main', constants: variant.overrides },
      });
    });
  });
