import './rotary-dial.css';
import { Slider } from '@mantine/core';
import { useId, useMemo, useState, type CSSProperties, type ReactElement } from 'react';
import { formatTiny } from '@/lib/format-tiny.ts';
import { chosenStepOf } from '@/state/attention-slice.ts';
import {
  dialReadingOf,
  nearestHeadSample,
  strongestPair,
  type DialReading,
  type HeadSample,
} from '@/state/head-sample.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatBytes, formatSigned } from '@/ui/format.ts';
import { Picture } from '@/ui/picture.tsx';
import type { PictureTable } from '@/ui/picture-table.tsx';
import { blockLabel } from '../block-label.ts';
import { NoAttention } from '../no-attention.tsx';
import { DialChart } from './dial-chart.tsx';

const COMING =
  'The query and a key of one attention head as two hands: why keys stay as they are when text in front of them grows. The first answer token begins it.';

/** Why no key is computed again: turning the query back is as good as turning the key forward. */
export function RotaryDial(): ReactElement {
  const traceSteps = useAppState((state) => state.reasoning.traceSteps);
  const setup = useAppState((state) => state.reasoning.setup);
  const chosenStep = useAppState(chosenStepOf);
  const sample = useMemo(
    () => nearestHeadSample({ traceSteps, setup }, chosenStep ?? traceSteps.length - 1),
    [traceSteps, setup, chosenStep],
  );
  if (sample === null || sample.head.keys.length === 0) return <NoAttention coming={COMING} />;
  return (
    <div className="dial-panel">
      <DialPicture sample={sample} />
    </div>
  );
}

const MAX_IN_FRONT = 500;

function DialPicture({ sample }: { readonly sample: HeadSample }): ReactElement | null {
  const [block, setBlock] = useState<number | null>(null);
  const [chosenPair, setPair] = useState<number | null>(null);
  const [inFront, setInFront] = useState(0);
  const { keys, query } = sample.head;
  const found = keys.findIndex((key) => key.block === block);
  const which = found < 0 ? firstChoice(sample) : found;
  const key = keys[which];
  const pair = Math.min(chosenPair ?? strongestPair(sample, which), query.length / 2 - 1);
  const reading = dialReadingOf(sample, which, pair, inFront);
  if (key === undefined || reading === null) return null;
  const { layer, head } = sample.head;
  return (
    <Picture
      name="duet-rotary-dial"
      title="Rotary dial"
      gloss={`step ${sample.step}, the ${sample.stream}’s query in layer ${layer + 1}, head ${head + 1}, and the key of each block that it read most`}
      alternative={alternativeOf(reading)}
      table={() => tableOf(sample, which, inFront)}
      controls={
        <>
          <KeyChoice sample={sample} which={which} onChoose={setBlock} />
          <DialSlider
            label="Pair"
            value={pair}
            max={query.length / 2 - 1}
            text={`${pair + 1} of ${query.length / 2}, once round in ${periodText(reading.period)} tokens`}
            onChange={setPair}
          />
          <DialSlider
            label="Tokens added in front"
            lesson="dial-in-front"
            value={inFront}
            max={MAX_IN_FRONT}
            text={String(inFront)}
            onChange={setInFront}
          />
        </>
      }
      below={<Rewritten sample={sample} reading={reading} inFront={inFront} />}
    >
      {(size) => <DialChart size={size} reading={reading} headDim={query.length} token={key.token} />}
    </Picture>
  );
}

/** A thought if one was read: it is what the writer does not share its place with. */
function firstChoice({ head: { keys }, view }: HeadSample): number {
  const thoughts = keys.findLastIndex(({ block }) => view[block]?.startsWith('thinker_output') === true);
  return thoughts < 0 ? 0 : thoughts;
}

function periodText(period: number): string {
  return period < 100 ? period.toFixed(1) : Math.round(period).toLocaleString('en');
}

interface KeyChoiceProps {
  readonly sample: HeadSample;
  readonly which: number;
  readonly onChoose: (block: number) => void;
}

/** The most-read key of each block; the bar is its share of the head's attention. */
function KeyChoice({ sample, which, onChoose }: KeyChoiceProps): ReactElement {
  const name = useId();
  const { keys } = sample.head;
  return (
    <fieldset className="dial__keys">
      <legend>Key</legend>
      {keys.map(({ block, token, mass }, index) => (
        <label key={block} style={{ '--mass': Math.min(1, mass) } as CSSProperties}>
          <input type="radio" name={name} checked={index === which} onChange={() => onChoose(block)} />
          {blockLabel(sample.view[block] ?? `block ${block + 1}`, sample.view)} at {token}{' '}
          <strong>{mass.toFixed(2)}</strong>
        </label>
      ))}
    </fieldset>
  );
}

interface DialSliderProps {
  readonly label: string;
  readonly lesson?: string;
  readonly value: number;
  readonly max: number;
  readonly text: string;
  readonly onChange: (value: number) => void;
}

function DialSlider({ label, lesson, value, max, text, onChange }: DialSliderProps): ReactElement {
  return (
    <div className="dial__slider" data-lesson={lesson}>
      <span aria-hidden="true">{label}</span>
      <Slider
        size="xs"
        color="gray"
        min={0}
        max={max}
        value={value}
        label={null}
        thumbLabel={label}
        onChange={onChange}
      />
      <span className="dial__value">{text}</span>
    </div>
  );
}

/** What an ordinary cache would have to do when text in front grows. */
function Rewritten({
  sample,
  reading,
  inFront,
}: {
  readonly sample: HeadSample;
  readonly reading: DialReading;
  readonly inFront: number;
}): ReactElement {
  const model = useAppState((state) => state.model.info);
  const { query } = sample.head;
  const isSame = model !== null && model.headDim === query.length && model.numHiddenLayers === sample.numLayers;
  const keyBytes = query.length * (isSame && model.kvType === 'f16' ? 2 : 4) * sample.numLayers;
  const bytes = reading.keysBehind * keyBytes * (isSame ? model.numKeyValueHeads : 1);
  return (
    <div className="dial__below">
      <p data-testid="rewritten" data-lesson="dial-rewritten">
        {inFront === 0 ? (
          'Add tokens in front to see what an ordinary cache would have to rewrite.'
        ) : (
          <>
            {inFront} more in front: an ordinary cache would turn{' '}
            <strong>{reading.keysBehind.toLocaleString('en')} keys</strong> (
            {isSame ? formatBytes(bytes) : `${formatBytes(bytes)} for each key head`}). Rewritten here:{' '}
            <strong>0</strong>.
          </>
        )}
      </p>
      <p>
        A score depends only on how far the query stands behind the key. So each block keeps its keys at places counted
        from its own first token, and the query is turned back by what stands in front, once for a block. When the front
        grows, the query’s place grows by as much: the offset stays, and so does every key.
      </p>
    </div>
  );
}

function alternativeOf({ start, position, offset, queryTurned, keyTurned, difference }: DialReading): string {
  const degrees = (turn: number): string => `${formatSigned((turn * 180) / Math.PI, 1)} degrees`;
  return (
    `The query at ${position} turned back by ${start} to ${offset}: angle to the key ${degrees(queryTurned.angle)}, ` +
    `score ${formatSigned(queryTurned.score, 6)}. The key turned forward by ${start}: angle ${degrees(keyTurned.angle)}, ` +
    `score ${formatSigned(keyTurned.score, 6)}. Difference ${formatTiny(difference)}.`
  );
}

function tableOf(sample: HeadSample, which: number, inFront: number): PictureTable {
  const numPairs = sample.head.query.length / 2;
  return {
    columns: [
      'pair',
      'period',
      'angle, query turned',
      'angle, key turned',
      'product, query turned',
      'product, key turned',
    ],
    rows: Array.from({ length: numPairs }, (_, pair) => {
      const reading = dialReadingOf(sample, which, pair, inFront);
      if (reading === null) return [pair + 1];
      const { period, queryTurned, keyTurned } = reading;
      const values = [period, queryTurned.angle, keyTurned.angle, queryTurned.product, keyTurned.product];
      return [pair + 1, ...values.map((value) => Number(value.toPrecision(6)))];
    }),
  };
}
