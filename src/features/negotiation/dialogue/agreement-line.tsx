import type { ReactElement } from 'react';
import type { AgreementVerdict } from '@/protocol/negotiation-run.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { Fact } from '@/ui/fact.tsx';

/** Whether both sides agreed in an exchange, as the judge of agreement sees it. */
export function AgreementLine({ verdict }: { readonly verdict: AgreementVerdict }): ReactElement {
  if (verdict.state === 'unreadable')
    return (
      <p className="agreement" data-actor="judge" data-state="unreadable">
        <ActorMark actor="judge" />
        <span>
          Turn {verdict.turn}: whether they agree could not be read, which counts as no. {verdict.reason}
          {verdict.raw !== '' && <q>{verdict.raw}</q>}
        </span>
      </p>
    );
  const { agreed, pYes, turn } = verdict;
  return (
    <p className="agreement" data-lesson="agreement" data-actor="judge" data-state={agreed ? 'agreed' : 'open'}>
      <ActorMark actor="judge" />
      <span>
        Turn {turn}: <strong>{agreed ? 'agreed' : 'no agreement'}</strong>
        {pYes !== undefined && ', '}
        {pYes !== undefined && (
          <Fact
            value={pYes.toFixed(2)}
            unit="p(yes)"
            meaning="The probability that the judge of agreement gives to yes: both consent to the same plan."
          />
        )}
      </span>
    </p>
  );
}
