import './what-it-read.css';
import { Button, Checkbox, Slider } from '@mantine/core';
import { useMemo, useState, type ReactElement } from 'react';
import { chosenStepOf } from '@/state/attention-slice.ts';
import { blockTextsAt } from '@/state/block-texts.ts';
import { isRunActive, isTurnOver } from '@/state/reasoning-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import {
  indexOfStep,
  mostReadOf,
  READ_ROLES,
  readTokensOf,
  roundedTogether,
  sharesOf,
  thoughtWindowsOf,
  type ReadToken,
} from '@/state/what-it-read.ts';
import { formatToken } from '@/ui/format.ts';
import { Picture } from '@/ui/picture.tsx';
import type { PictureTable } from '@/ui/picture-table.tsx';
import { NoAttention } from '../no-attention.tsx';
import { roomFor } from './area-paths.ts';
import { ReadChart } from './read-chart.tsx';
import { ReadQuote } from './read-quote.tsx';
import { ROLE_LOOKS } from './role-look.tsx';

const COMING =
  'How much of each answer token’s attention went to the prompt, your input, the thoughts and the answer itself. The first answer token begins it.';

/** How much of what the writer saw each of its tokens read. */
export function WhatItRead(): ReactElement {
  const traceSteps = useAppState((state) => state.reasoning.traceSteps);
  const steps = useAppState((state) => state.reasoning.steps);
  const setup = useAppState((state) => state.reasoning.setup);
  const tokens = useMemo(() => readTokensOf({ traceSteps, steps, setup }), [traceSteps, steps, setup]);
  if (tokens.length === 0) return <NoAttention coming={COMING} />;
  return (
    <div className="reading">
      <ReadPicture tokens={tokens} />
    </div>
  );
}

function ReadPicture({ tokens }: { readonly tokens: readonly ReadToken[] }): ReactElement {
  const setup = useAppState((state) => state.reasoning.setup);
  const isGrowing = useAppState(({ reasoning }) => isRunActive(reasoning) && !isTurnOver(reasoning));
  const chosenStep = useAppState(chosenStepOf);
  const attentionLayer = useAppState((state) => state.attentionLayer);
  const attentionStepChosen = useAppState((state) => state.attentionStepChosen);
  const attentionLayerChosen = useAppState((state) => state.attentionLayerChosen);
  const [hasLayers, setHasLayers] = useState(false);
  const chosen = indexOfStep(tokens, chosenStep);
  const token = tokens[chosen];
  const numLayers = token?.row.attention.mass.length ?? 0;
  const layer = attentionLayer !== null && attentionLayer < numLayers ? attentionLayer : null;
  const choose = (index: number | null): void => {
    const step = index === null ? undefined : tokens[index]?.step;
    attentionStepChosen(step === undefined ? null : { setup, step });
  };
  return (
    <Picture
      name="duet-what-it-read"
      title="What the answer read"
      gloss="share of attention by block; models rest unused attention on the first prompt token"
      alternative={alternativeOf(tokens)}
      table={() => tableOf(tokens)}
      controls={
        <>
          <LayerSlider layer={layer} numLayers={numLayers} onLayer={attentionLayerChosen} />
          <Checkbox
            size="xs"
            color="ink"
            label="All layers"
            checked={hasLayers}
            onChange={(event) => setHasLayers(event.currentTarget.checked)}
          />
          <Button
            variant="default"
            size="compact-xs"
            disabled={chosenStep === null}
            onClick={() => attentionStepChosen(null)}
          >
            Newest token
          </Button>
        </>
      }
      below={token !== undefined && <ChosenToken token={token} number={chosen + 1} count={tokens.length} />}
    >
      {(size) => (
        <ReadChart
          size={size}
          tokens={tokens}
          chosen={chosen}
          layer={layer}
          hasLayers={hasLayers}
          domain={isGrowing ? roomFor(tokens.length) : tokens.length}
          valueText={token === undefined ? '' : valueTextOf(token, layer, chosen + 1)}
          onChoose={choose}
          onLayer={attentionLayerChosen}
        />
      )}
    </Picture>
  );
}

function LayerSlider({
  layer,
  numLayers,
  onLayer,
}: {
  readonly layer: number | null;
  readonly numLayers: number;
  readonly onLayer: (layer: number | null) => void;
}): ReactElement {
  const text = layer === null ? 'mean of layers' : `layer ${layer + 1} of ${numLayers}`;
  return (
    <div className="reading__layer">
      <Slider
        size="xs"
        color="gray"
        min={0}
        max={numLayers}
        value={layer === null ? 0 : layer + 1}
        label={null}
        thumbLabel="Layer; 0 is the mean"
        onChange={(value) => onLayer(value === 0 ? null : value - 1)}
      />
      <span>{text}</span>
    </div>
  );
}

/** The token that is looked at, and the thoughts that it read most. */
function ChosenToken({
  token,
  number,
  count,
}: {
  readonly token: ReadToken;
  readonly number: number;
  readonly count: number;
}): ReactElement {
  const traceSteps = useAppState((state) => state.reasoning.traceSteps);
  const steps = useAppState((state) => state.reasoning.steps);
  const setup = useAppState((state) => state.reasoning.setup);
  const texts = useMemo(
    () => blockTextsAt({ traceSteps, steps, setup }, token.step),
    [traceSteps, steps, setup, token.step],
  );
  const mostRead = mostReadOf(token, texts);
  return (
    <>
      <p className="reading__chosen" data-testid="read-token">
        Token {number} of {count}, step {token.step}: most read to choose{' '}
        {token.text === '' ? 'a token without text' : <q data-actor="writer">{formatToken(token.text)}</q>}
      </p>
      <ReadQuote windows={thoughtWindowsOf(mostRead, texts)} mostRead={mostRead} view={token.view} />
    </>
  );
}

function sharesText(token: ReadToken, layer: number | null): string {
  const shares = sharesOf(token, layer);
  const roles = READ_ROLES.filter((role) => role !== 'earlier' || shares.earlier > 0);
  const numbers = roundedTogether(
    roles.map((role) => shares[role]),
    2,
  );
  return roles.map((role, index) => `${ROLE_LOOKS[role].label} ${(numbers[index] ?? 0).toFixed(2)}`).join(', ');
}

function valueTextOf(token: ReadToken, layer: number | null, number: number): string {
  return `Token ${number}, ${formatToken(token.text)}: ${sharesText(token, layer)}`;
}

function alternativeOf(tokens: readonly ReadToken[]): string {
  const last = tokens.at(-1);
  const count = tokens.length === 1 ? 'one answer token' : `${tokens.length} answer tokens`;
  return `Shares of attention of ${count}, mean over layers and heads. The last one: ${last === undefined ? '' : sharesText(last, null)}.`;
}

function tableOf(tokens: readonly ReadToken[]): PictureTable {
  return {
    columns: ['token', 'step', 'text', ...READ_ROLES.map((role) => ROLE_LOOKS[role].label)],
    rows: tokens.map((token, index) => {
      const shares = sharesOf(token, null);
      const values = READ_ROLES.map((role) => Number(shares[role].toFixed(5)));
      return [index + 1, token.step, formatToken(token.text), ...values];
    }),
  };
}
