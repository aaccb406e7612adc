import type { ReactElement } from 'react';
import { formatSigned } from '@/ui/format.ts';
import { AdvantageBar } from './advantage-bar.tsx';
import { SAME_ORDER } from './lesson-group.ts';
import { useAdvantages, type GroupAdvantages } from './use-advantages.ts';

const PLACES = ['Lowest', 'Middle', 'Highest'];
const LIMIT = 1.5;
const MIDDLE = 1;

/** Two groups of one order whose middle dialogues learn different things. */
export function SameOrder(): ReactElement | null {
  const computed = useAdvantages(SAME_ORDER);
  // That nothing can be computed stands above already.
  if (computed.state !== 'known') return null;
  const [first, second] = computed.groups;
  if (first === undefined || second === undefined) return null;
  return (
    <section className="same-order" aria-label="Same order, other advantages">
      <h4>Does only the order of the scores matter?</h4>
      <p>
        The paper argues that it does, so that a noisy judge is good enough. It is not so: below, both groups have the
        same order, but the middle dialogue has an advantage of {middleText(first)} in one and of {middleText(second)}{' '}
        in the other. The mean and the spread depend on distances.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Dialogue</span>
            </th>
            {computed.groups.map(({ rewards }) => (
              <th key={rewards.join()} scope="col">
                {rewards.join(', ')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {PLACES.map((place, index) => (
            <tr key={place} data-middle={index === MIDDLE}>
              <th scope="row">{place}</th>
              {computed.groups.map(({ rewards, group }) => (
                <td key={rewards.join()}>
                  <AdvantageBar value={group[index] ?? null} limit={LIMIT} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function middleText({ group }: GroupAdvantages): string {
  return formatSigned(group[MIDDLE] ?? 0, 3).replace(/^0\.000$/, '0');
}
