import type { ReactElement } from 'react';
import { Fact } from '@/ui/fact.tsx';
import { formatNats } from './token-texts.ts';
import type { MovementSummary } from './token-scale.ts';

interface TokenSummaryProps {
  readonly step: MovementSummary;
  readonly dialogue: MovementSummary;
}

/** Whether tokens went where their advantage pulled them. */
export function TokenSummary({ step, dialogue }: TokenSummaryProps): ReactElement {
  if (step.numPulled === 0)
    return (
      <p className="token-summary">
        No token of this step has an advantage, so none was pulled anywhere: the rewards of each group were equal.
      </p>
    );
  if (step.numMeasured === 0)
    return (
      <p className="token-summary">
        What the update did to these tokens was not measured, so there is no change to show. The run did not ask for it.
      </p>
    );
  return (
    <div className="token-summary" data-lesson="token-summary">
      <Movement name="Step" movement={step} />
      <Movement name="This dialogue" movement={dialogue} />
    </div>
  );
}

function Movement({ name, movement }: { readonly name: string; readonly movement: MovementSummary }): ReactElement {
  const { shareFollowing, numAimed, meanChangeUp, meanChangeDown } = movement;
  return (
    <p>
      <span>{name}:</span>{' '}
      {shareFollowing === null ? (
        'no token with an advantage'
      ) : (
        <>
          <Fact
            value={`${Math.round(shareFollowing * 100)} %`}
            unit={`of ${numAimed.toLocaleString('en')} tokens moved with their advantage`}
            meaning="Tokens with an advantage other than 0 whose probability rose where it is above 0, or fell where it is below. It is no promise for each one: all tokens share the adapter's weights. Half of them would do so by chance."
          />
          {meanChangeUp !== null && (
            <Fact
              value={formatNats(meanChangeUp)}
              unit="nats where A > 0"
              meaning="Mean change of ln p of the tokens whose advantage is above 0. The update should raise it."
            />
          )}
          {meanChangeDown !== null && (
            <Fact
              value={formatNats(meanChangeDown)}
              unit="nats where A < 0"
              meaning="Mean change of ln p of the tokens whose advantage is below 0. The update should lower it."
            />
          )}
        </>
      )}
    </p>
  );
}
