import type { ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';

const percent = (fraction: number): string => `${(fraction * 100).toPrecision(2)} %`;

/** What quantising at load cost in precision; nothing for a model that was not quantised. */
export function QuantizationLine(): ReactElement | null {
  const quantization = useAppState((state) => state.model.info?.quantization ?? null);
  if (quantization === null) return null;
  const { kind, relativeError, worstRelativeError, worstTensor } = quantization;
  return (
    <p>
      Weights were quantised to {kind} at load. Root-mean-square error relative to the weights: {percent(relativeError)}{' '}
      over all matrices, {percent(worstRelativeError)} in the worst ({worstTensor}).
    </p>
  );
}
