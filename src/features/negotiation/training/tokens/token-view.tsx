import './tokens.css';
import { Button, NativeSelect, SegmentedControl, Tabs } from '@mantine/core';
import { useDeferredValue, useMemo, useState, type ReactElement } from 'react';
import { csvText } from '@/lib/write-csv.ts';
import type { NegotiationTrainingStep } from '@/protocol/negotiation-training.ts';
import { formatSigned } from '@/ui/format.ts';
import { saveText } from '@/ui/save-file.ts';
import { useTokenCursor } from '@/ui/use-token-cursor.ts';
import { dialogueHeads, saidIn, type DialogueHead } from './said-tokens.ts';
import { TokenLegend } from './token-legend.tsx';
import { TokenReadout } from './token-readout.tsx';
import { COLOURINGS, colouredValue, countedTokens, movementOf, scaleOf, type Colouring } from './token-scale.ts';
import { TokenSummary } from './token-summary.tsx';
import { TokenTable } from './token-table.tsx';
import { TokenText } from './token-text.tsx';
import { spokenToken, TOKEN_COLUMNS, tokenLines } from './token-texts.ts';

const COLOURING_NAMES: Readonly<Record<Colouring, string>> = {
  both: 'Both',
  change: 'Change',
  advantage: 'Advantage',
  entropy: 'Entropy',
  ratio: 'Ratio',
};

/** What an update did to every token that was said: which way it was pulled, and where it went. */
export function TokenView({ step }: { readonly step: NegotiationTrainingStep }): ReactElement {
  const [chosenGroup, setGroup] = useState(0);
  const [chosenDialogue, setDialogue] = useState(0);
  const [wanted, setWanted] = useState<Colouring>('both');
  const [isTable, setIsTable] = useState(false);
  const counted = useMemo(() => countedTokens(step), [step]);
  const movement = useMemo(() => movementOf(counted), [counted]);
  const group = Math.min(chosenGroup, Math.max(0, step.groups.length - 1));
  const heads = useMemo(() => dialogueHeads(step, group), [step, group]);
  const dialogue = Math.min(chosenDialogue, Math.max(0, heads.length - 1));
  const isMeasured = movement.numMeasured > 0;
  const colouring = !isMeasured && needsChange(wanted) ? 'advantage' : wanted;
  // The control answers at once, thousands of tokens follow.
  const drawn = useDeferredValue(colouring);
  const scale = useMemo(() => scaleOf(counted.map((token) => colouredValue(token, drawn))), [counted, drawn]);

  if (heads.length === 0)
    return <p className="token-view__none">This step has no dialogue, so there is no token to show.</p>;
  return (
    <div className="token-view">
      <div className="token-view__bar">
        {step.groups.length > 1 && (
          <NativeSelect
            size="xs"
            aria-label="Group"
            value={String(group)}
            data={step.groups.map((record, index) => ({
              value: String(index),
              label: `Group ${index + 1}: ${record.dilemma.goal}`,
            }))}
            onChange={(event) => {
              setGroup(Number(event.currentTarget.value));
              setDialogue(0);
            }}
          />
        )}
        <SegmentedControl
          size="xs"
          aria-label="Colour tokens by"
          data-lesson="token-colours"
          value={colouring}
          data={COLOURINGS.map((value) => ({
            value,
            label: COLOURING_NAMES[value],
            disabled: !isMeasured && needsChange(value),
          }))}
          onChange={setWanted}
        />
        <div className="token-view__actions">
          <Button variant="default" size="compact-xs" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
            Table
          </Button>
          <Button
            variant="default"
            size="compact-xs"
            title="All trained tokens of this step"
            onClick={() =>
              saveText(`duet-tokens-step-${step.step}.csv`, 'text/csv', csvText([TOKEN_COLUMNS, ...tokenLines(step)]))
            }
          >
            CSV
          </Button>
        </div>
      </div>
      <TokenSummaryOf step={step} movement={movement} group={group} dialogue={dialogue} />
      <Tabs
        className="token-view__tabs"
        value={String(dialogue)}
        onChange={(value) => setDialogue(Number(value ?? 0))}
        keepMounted={false}
      >
        <div className="token-view__heads">
          <span aria-hidden="true">Dialogue, reward, advantage:</span>
          <Tabs.List data-lesson="token-dialogues" aria-label="Dialogue, with its reward and advantage">
            {heads.map((head, index) => (
              <Tabs.Tab key={index} value={String(index)} aria-label={headLabel(head)}>
                <HeadText head={head} />
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </div>
        <Tabs.Panel value={String(dialogue)} className="token-view__panel">
          <DialogueTokens
            // Another dialogue has another place that is looked at.
            key={`${step.step} ${group} ${dialogue}`}
            step={step}
            group={group}
            dialogue={dialogue}
            colouring={drawn}
            limit={scale.limit}
            isTable={isTable}
          />
        </Tabs.Panel>
      </Tabs>
      {!isTable && <TokenLegend colouring={drawn} scale={scale} />}
    </div>
  );
}

function needsChange(colouring: Colouring): boolean {
  return colouring === 'both' || colouring === 'change';
}

interface TokenSummaryOfProps {
  readonly step: NegotiationTrainingStep;
  readonly movement: ReturnType<typeof movementOf>;
  readonly group: number;
  readonly dialogue: number;
}

function TokenSummaryOf({ step, movement, group, dialogue }: TokenSummaryOfProps): ReactElement {
  const own = useMemo(() => movementOf(countedTokens(step, group, dialogue)), [step, group, dialogue]);
  return <TokenSummary step={movement} dialogue={own} />;
}

function HeadText({ head }: { readonly head: DialogueHead }): ReactElement {
  const { name, reward, advantage } = head;
  return (
    <span className="token-tab">
      <strong>{name}</strong>
      <span className="token-tab__reward">{Number.isNaN(reward) ? 'no score' : reward.toFixed(1)}</span>
      <span className="token-tab__advantage" data-aim={advantage === 0 ? 'none' : advantage > 0 ? 'up' : 'down'}>
        {formatSigned(advantage)}
      </span>
    </span>
  );
}

function headLabel({ name, reward, advantage }: DialogueHead): string {
  const score = Number.isNaN(reward) ? 'no score' : `reward ${reward.toFixed(1)} of 5`;
  return `Dialogue ${name}, ${score}, advantage ${formatSigned(advantage)}`;
}

interface DialogueTokensProps {
  readonly step: NegotiationTrainingStep;
  readonly group: number;
  readonly dialogue: number;
  readonly colouring: Colouring;
  readonly limit: number;
  readonly isTable: boolean;
}

function DialogueTokens(props: DialogueTokensProps): ReactElement {
  const { step, group, dialogue, colouring, limit, isTable } = props;
  const blocks = useMemo(() => saidIn(step, group, dialogue), [step, group, dialogue]);
  const tokens = useMemo(() => blocks.flatMap((block) => block.tokens), [blocks]);
  const { area, shown, pinned, ...handlers } = useTokenCursor(tokens.length);
  const spoken = pinned === null ? undefined : tokens[pinned];
  if (isTable) return <TokenTable title="Tokens of this dialogue" tokens={tokens} />;
  return (
    <>
      {/* oxlint-disable jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions -- tokens are gone through with the arrow keys inside one tab stop */}
      <div
        className="token-view__text"
        data-lesson="token-text"
        ref={area}
        role="group"
        aria-label="What was said, token by token; the arrow keys go through it"
        tabIndex={0}
        {...handlers}
        data-testid="token-text"
      >
        {/* oxlint-enable jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions */}
        <TokenText blocks={blocks} colouring={colouring} limit={limit} />
      </div>
      <TokenReadout token={shown === null ? undefined : tokens[shown]} />
      <p className="visually-hidden" role="status">
        {spoken !== undefined && spokenToken(spoken)}
      </p>
    </>
  );
}
