import type { CSSProperties, ReactElement } from 'react';
import { AdvantageBar } from './advantage-bar.tsx';
import { FINE_STEP, MAX_REWARD } from './lesson-group.ts';

/** The most that a group of eight can have: (G - 1) / sqrt(G). */
const SCALED_LIMIT = 2.5;
const PLAIN_LIMIT = 5;

interface RewardRowsProps {
  readonly rewards: readonly number[];
  readonly isWhole: boolean;
  /** The only one that can be moved; null: all. */
  readonly onlyMovable: number | null;
  /** Null: not known. */
  readonly mean: number | null;
  readonly scaled: readonly number[] | null;
  readonly plain: readonly number[] | null;
  readonly onChange: (index: number, reward: number) => void;
}

/** One line a dialogue: its reward as a slider, and the advantages that follow from it. */
export function RewardRows(props: RewardRowsProps): ReactElement {
  const { rewards, isWhole, onlyMovable, mean, scaled, plain, onChange } = props;
  return (
    <div className="reward-rows" data-lesson="reward-rows">
      <div className="reward-rows__head">
        <span>Dialogue</span>
        <span>Reward, 0 to 5</span>
        <span>
          Advantage, divided by the spread <small>(bar: &minus;2.5 to +2.5)</small>
        </span>
        <span>
          Not divided <small>(bar: &minus;5 to +5)</small>
        </span>
      </div>
      {rewards.map((reward, index) => (
        // Dialogues are only ever appended or taken from the end: the place is their name.
        <div key={index} className="reward-row" role="group" aria-label={`Dialogue ${index + 1}`}>
          <strong>{index + 1}</strong>
          <span className="reward-row__slider">
            <span className="reward-row__track">
              <input
                type="range"
                aria-label={`Reward of dialogue ${index + 1}`}
                min={0}
                max={MAX_REWARD}
                step={isWhole ? 1 : FINE_STEP}
                value={reward}
                disabled={onlyMovable !== null && onlyMovable !== index}
                onChange={(event) => onChange(index, event.currentTarget.valueAsNumber)}
              />
              {mean !== null && <i style={{ '--share': mean / MAX_REWARD } as CSSProperties} aria-hidden="true" />}
            </span>
            <b>{reward.toFixed(1)}</b>
          </span>
          <span className="reward-row__scaled">
            <small>divided</small>
            <AdvantageBar value={scaled?.[index] ?? null} limit={SCALED_LIMIT} />
          </span>
          <span className="reward-row__plain">
            <small>not divided</small>
            <AdvantageBar value={plain?.[index] ?? null} limit={PLAIN_LIMIT} />
          </span>
        </div>
      ))}
    </div>
  );
}
