import type { ReactElement } from 'react';
import type { SharedContent } from '@/protocol/shared-content.ts';
import { factsOfShared } from './describe-shared.ts';

/** What is inside, part by part. Long texts scroll. */
export function SharedFacts({ content }: { readonly content: SharedContent }): ReactElement {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region must be reachable by keyboard
    <section className="shared-facts" aria-label="What is inside" tabIndex={0}>
      <dl>
        {factsOfShared(content).map(({ label, values, isWarning = false }) => (
          <div key={label} data-warning={isWarning}>
            <dt>{label}</dt>
            <dd>
              {values.map((value, index) => (
                // oxlint-disable-next-line react/no-array-index-key -- values never move
                <p key={index} dir="auto">
                  {value}
                </p>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
