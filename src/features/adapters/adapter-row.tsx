import { Button, Switch } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import type { AdapterInfo } from '@/protocol/training-api.ts';
import { formatDay } from '@/ui/format.ts';
import { NameForm } from '@/ui/name-form.tsx';
import { Confirmation } from '@/ui/confirmation.tsx';
import { formatCount, MAX_NAME_LENGTH, targetsText } from './lora-form.ts';
import type { AdapterActions } from './use-adapters.ts';

interface AdapterRowProps {
  readonly adapter: AdapterInfo;
  readonly isAttached: boolean;
  /** While something is trained. */
  readonly isLocked: boolean;
  readonly actions: AdapterActions;
}

/** One adapter of the list: what it is, its switch, and what can be done with it. */
export function AdapterRow({ adapter, isAttached, isLocked, actions }: AdapterRowProps): ReactElement {
  const duet = useDuet();
  const [isNaming, setIsNaming] = useState(false);
  const [question, setQuestion] = useState<string | null>(null);
  /** What was asked for and is not done yet. */
  const [wanted, setWanted] = useState<boolean | null>(null);
  const toggle = async (isWanted: boolean): Promise<void> => {
    setWanted(isWanted);
    await (isWanted ? actions.attach(adapter) : actions.detach());
    setWanted(null);
  };
  const ask = async (): Promise<void> => {
    const checkpoints = await duet.training.listCheckpoints(adapter.id).catch(() => []);
    setQuestion(lossText(adapter, checkpoints.length));
  };
  return (
    <li className="adapters__row" data-attached={isAttached} aria-label={adapter.name}>
      <Switch
        checked={wanted ?? isAttached}
        disabled={isLocked || wanted !== null}
        color="ink"
        aria-label={`Attach “${adapter.name}”`}
        onChange={(event) => void toggle(event.currentTarget.checked)}
      />
      {isNaming ? (
        <NameForm
          name={adapter.name}
          maxLength={MAX_NAME_LENGTH}
          onDone={(name) => {
            setIsNaming(false);
            if (name !== null) void actions.rename(adapter, name);
          }}
        />
      ) : (
        <div className="adapters__what">
          <strong dir="auto">{adapter.name}</strong>
          <span>{factsText(adapter)}</span>
        </div>
      )}
      <div className="adapters__actions">
        <Button variant="default" onClick={() => setIsNaming(true)}>
          Rename
        </Button>
        <Button variant="default" onClick={() => void actions.duplicate(adapter)}>
          Duplicate
        </Button>
        <Button variant="default" onClick={() => void actions.exportZip(adapter)}>
          Export
        </Button>
        <Button variant="default" disabled={isLocked} onClick={() => void ask()}>
          Delete
        </Button>
      </div>
      {question !== null && (
        <Confirmation
          question={question}
          yes="Delete it"
          no="Keep it"
          onYes={() => void actions.remove(adapter)}
          onNo={() => setQuestion(null)}
        />
      )}
    </li>
  );
}

function factsText({ config, numParameters, step, createdAt }: AdapterInfo): string {
  return [
    `rank ${config.r}`,
    targetsText(config.targetModules),
    `${formatCount(numParameters)} parameters`,
    step === 1 ? '1 update here' : `${step.toLocaleString('en')} updates here`,
    formatDay(createdAt),
  ].join(' · ');
}

function lossText({ name, step }: AdapterInfo, numCheckpoints: number): string {
  const updates = step === 0 ? '' : ` with its ${step} ${step === 1 ? 'update' : 'updates'}`;
  const checkpoints = numCheckpoints === 0 ? '' : ` and ${numCheckpoints} checkpoint${numCheckpoints === 1 ? '' : 's'}`;
  return `Delete “${name}”? It is lost${updates}${checkpoints}; that cannot be undone. Export it first to keep a copy.`;
}
