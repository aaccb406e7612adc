import './notice.css';
import type { ReactElement, ReactNode } from 'react';

interface NoticeProps {
  /** What happened, why, and what to do about it. */
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
  readonly action?: ReactNode;
}

/** An error as the page shows it. */
export function Notice({ what, why, remedy, action }: NoticeProps): ReactElement {
  return (
    <div className="notice" role="alert">
      <p className="notice__what">{what}</p>
      <p>{why}</p>
      {remedy !== '' && remedy !== why && <p>{remedy}</p>}
      {action !== undefined && action !== false && <div className="notice__action">{action}</div>}
    </div>
  );
}
