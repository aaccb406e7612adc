import type { ReactElement } from 'react';
import { formatSigned } from '@/ui/format.ts';
import { formatNats } from './token-texts.ts';
import type { Colouring, TokenScale } from './token-scale.ts';

interface TokenLegendProps {
  readonly colouring: Colouring;
  readonly scale: TokenScale;
}

const GLOSSES: Readonly<Record<Colouring, string>> = {
  both: 'Behind a token: what the update did to its probability. Below it: where its advantage pulls.',
  change: 'ln p after the update minus ln p before it.',
  advantage: 'What the loss weighs a token with: how much better its dialogue was than the others of its group.',
  entropy: 'How undecided the model was in front of the token.',
  ratio: 'p by the trainer, divided by p when it was sampled. 1 is right: both are the same model.',
};

const UNMEASURED: Readonly<Record<Colouring, string>> = {
  both: '',
  change: '',
  advantage: 'No token counts in the loss.',
  entropy: 'The entropy was not measured.',
  ratio: 'There is no ratio: what was sampled has no probabilities that could be compared.',
};

/** What the colours mean, and where they end. */
export function TokenLegend({ colouring, scale }: TokenLegendProps): ReactElement {
  const { limit, numBeyond, count } = scale;
  if (count === 0) return <p className="token-legend token-legend--none">{UNMEASURED[colouring]}</p>;
  const isOneSided = colouring === 'entropy';
  return (
    <div className="token-legend">
      <div className="token-legend__scale">
        <span>{isOneSided ? '0' : endText(-limit, colouring)}</span>
        <i data-colouring={isOneSided ? 'ink' : 'diverging'} aria-hidden="true" />
        <span>{endText(limit, colouring)}</span>
        {colouring === 'both' && (
          <>
            <span className="token-legend__aim" data-aim="up">
              advantage above 0
            </span>
            <span className="token-legend__aim" data-aim="down">
              below 0
            </span>
          </>
        )}
      </div>
      <p>
        {GLOSSES[colouring]} {clipText(limit, numBeyond, count)}
      </p>
    </div>
  );
}

function endText(value: number, colouring: Colouring): string {
  if (colouring === 'ratio') return ratioText(Math.exp(value));
  if (colouring === 'advantage') return formatSigned(value);
  return colouring === 'entropy' ? `${value.toFixed(2)} nats` : `${formatNats(value)} nats`;
}

/** As many digits as tell it from 1. */
function ratioText(ratio: number): string {
  const digits = Math.min(8, Math.max(2, 1 - Math.floor(Math.log10(Math.abs(ratio - 1) || 1))));
  return ratio.toFixed(digits);
}

function clipText(limit: number, numBeyond: number, count: number): string {
  const all = count.toLocaleString('en');
  if (limit === 0) return `All ${all} tokens of the step are at 0, so none is coloured.`;
  const beyond =
    numBeyond === 0
      ? 'none is beyond them'
      : `${numBeyond} beyond them ${numBeyond === 1 ? 'is' : 'are'} drawn as if at the end`;
  return `Colours end at the 98th percentile of the step's ${all} tokens; ${beyond}.`;
}
