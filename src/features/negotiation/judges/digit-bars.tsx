import type { ReactElement } from 'react';

const WIDTH = 23;
const HEIGHT = 12;

/** p of the digits 0 to 5 as six small bars; its numbers stand behind the badge. */
export function DigitBars({ distribution }: { readonly distribution: readonly number[] }): ReactElement {
  const most = Math.max(...distribution, 1e-6);
  return (
    <svg className="digit-bars" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      {distribution.map((p, digit) => {
        const height = Math.max(1, (p / most) * HEIGHT);
        // oxlint-disable-next-line react/no-array-index-key -- the place is the digit
        return <rect key={digit} x={digit * 4} y={HEIGHT - height} width={3} height={height} />;
      })}
    </svg>
  );
}
