import { useMemo, type ReactElement } from 'react';
import type { TraceStep } from '@/protocol/reasoning.ts';
import { kvBytesPerToken, matrixParameters, NO_MODEL, WorkTotals } from '@/state/saved-work.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Fact } from '@/ui/fact.tsx';
import { formatBytes, formatFlops } from '@/ui/format.ts';

interface SavedWorkFactsProps {
  readonly steps: readonly TraceStep[];
  /** Totals go up to it. */
  readonly step: number;
}

/** What was never computed again up to a step, with the formulas. */
export function SavedWorkFacts({ steps, step }: SavedWorkFactsProps): ReactElement {
  const model = useAppState((state) => state.model.info);
  const totals = useMemo(() => new WorkTotals(model ?? NO_MODEL), [model]);
  const { computedTokens, freshTokens, computedFlops, freshFlops } = totals.upTo(steps, step);
  const savedTokens = freshTokens - computedTokens;
  const count = (value: number): string => value.toLocaleString('en');
  return (
    <>
      <Fact
        value={
          <span data-testid="saved-tokens" data-lesson="saved-tokens">
            {count(savedTokens)}
          </span>
        }
        unit="tokens never recomputed"
        meaning={`Encoding each view afresh in each step would have taken ${count(freshTokens)} tokens up to here: the sum of all views' lengths. The run computed ${count(computedTokens)}.`}
      />
      {model !== null && (
        <>
          <Fact
            value={<span data-testid="saved-bytes">{formatBytes(savedTokens * kvBytesPerToken(model))}</span>}
            unit="K, V"
            meaning={`Keys and values not written again: tokens x 2 x ${model.numHiddenLayers} layers x ${model.numKeyValueHeads} KV heads x ${model.headDim} x ${model.kvType === 'f16' ? 2 : 4} bytes, ${count(kvBytesPerToken(model))} bytes a token.`}
          />
          <Fact
            value={<span data-testid="saved-flops">{formatFlops(freshFlops - computedFlops)}</span>}
            unit="saved"
            meaning={`Afresh ${formatFlops(freshFlops)}, computed ${formatFlops(computedFlops)}. Per token 2 x ${formatCount(matrixParameters(model))} parameters of the layers' matrices, and 4 x ${model.numHiddenLayers} layers x ${model.numAttentionHeads} heads x ${model.headDim} for each key that it attends to.`}
          />
        </>
      )}
    </>
  );
}

function formatCount(value: number): string {
  return value < 1e6 ? value.toLocaleString('en') : `${(value / 1e6).toFixed(1)} million`;
}
