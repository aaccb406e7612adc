import type { ReactElement, ReactNode } from 'react';
import { formatPercent, formatSigned } from '@/ui/format.ts';
import { formatFactor, formatNats, visibleText } from './token-texts.ts';
import type { TrainedToken } from './said-tokens.ts';

/** All numbers of one token, in places that stay where they are. */
export function TokenReadout({ token }: { readonly token: TrainedToken | undefined }): ReactElement {
  return (
    <div className="token-readout" data-empty={token === undefined}>
      <p className="token-readout__token">
        {token === undefined ? (
          <span className="token-readout__hint">Point at a token, or use the arrow keys.</span>
        ) : (
          <>
            <code>{visibleText(token)}</code> <span>id {token.id}</span>
          </>
        )}
      </p>
      <dl>
        <Item name="p before">{token && formatPercent(Math.exp(token.logProb))}</Item>
        <Item name="p after">{token && afterText(token)}</Item>
        <Item name="Change">{token && changeText(token)}</Item>
        <Item name="Advantage">{token && formatSigned(token.advantage)}</Item>
        <Item name="Entropy">
          {token && (Number.isFinite(token.entropy) ? `${token.entropy.toFixed(2)} nats` : null)}
        </Item>
        <Item name="Ratio">{token && (token.logRatio === null ? null : Math.exp(token.logRatio).toFixed(4))}</Item>
        <Item name="In the loss">{token && (token.isCounted ? 'counts' : 'does not count')}</Item>
      </dl>
    </div>
  );
}

function afterText({ logProbAfter }: TrainedToken): string | null {
  return logProbAfter === null ? null : formatPercent(Math.exp(logProbAfter));
}

function changeText({ change }: TrainedToken): string | null {
  return change === null ? null : `${formatNats(change)} nats, ${formatFactor(change)}`;
}

/** Undefined: no token. Null: not measured. */
function Item({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-missing={children === null}>{children === null ? 'not measured' : (children ?? '\u00A0')}</dd>
    </div>
  );
}
