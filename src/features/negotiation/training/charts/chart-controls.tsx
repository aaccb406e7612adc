import { Button, SegmentedControl, Slider, Switch } from '@mantine/core';
import { useId, type ReactElement } from 'react';

export type ChartView = 'charts' | 'table';

interface ChartControlsProps {
  readonly smoothing: number;
  readonly onSmoothing: (weight: number) => void;
  readonly isLog: boolean;
  readonly onLog: (isLog: boolean) => void;
  readonly view: ChartView;
  readonly onView: (view: ChartView) => void;
  readonly areAllOpen: boolean;
  readonly onAllOpen: (areOpen: boolean) => void;
  readonly onCsv: () => void;
}

/** What all charts have in common. */
export function ChartControls(props: ChartControlsProps): ReactElement {
  const { smoothing, onSmoothing, isLog, onLog, view, onView, areAllOpen, onAllOpen, onCsv } = props;
  const labelId = useId();
  const isTable = view === 'table';
  return (
    <div className="chart-controls" role="group" aria-label="Charts">
      <div className="chart-controls__smoothing" data-lesson="chart-smoothing" data-disabled={isTable}>
        <span id={labelId} title="Weight of the running average; 0 draws the values as they were measured.">
          Smoothing
        </span>
        <Slider
          color="ink"
          size="xs"
          min={0}
          max={0.99}
          step={0.01}
          value={smoothing}
          label={null}
          disabled={isTable}
          thumbProps={{ 'aria-labelledby': labelId, 'aria-valuetext': smoothing.toFixed(2) }}
          onChange={onSmoothing}
        />
        <output aria-hidden="true">{smoothing.toFixed(2)}</output>
      </div>
      <Switch
        size="xs"
        color="ink"
        label="Log scale"
        title="For charts whose values are positive and differ by powers of ten."
        disabled={isTable}
        checked={isLog}
        onChange={(event) => onLog(event.currentTarget.checked)}
      />
      <SegmentedControl
        size="xs"
        aria-label="View"
        value={view}
        onChange={onView}
        data={[
          { value: 'charts', label: 'Charts' },
          { value: 'table', label: 'Table' },
        ]}
      />
      <Button variant="default" onClick={() => onAllOpen(!areAllOpen)}>
        {areAllOpen ? 'Main groups only' : 'All groups'}
      </Button>
      <Button variant="default" onClick={onCsv}>
        Save as CSV
      </Button>
    </div>
  );
}
