import { Button, Switch } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { createRng } from '@/lib/rng.ts';
import { DILEMMA_CATEGORIES, type Dilemma, type PersonaPair } from '@/protocol/negotiation.ts';
import { NEGOTIATION_ROLES, type NegotiationRole } from '@/protocol/negotiation-run.ts';
import { randomTrainingDilemma } from '@/state/material-lists.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { Section } from '@/ui/section.tsx';
import { PERSONA_NAMES } from './persona-name.ts';

/** Which private goals the viewer may read. */
export interface GoalsShown {
  /** All of them; otherwise only those that were revealed one by one. */
  readonly all: boolean;
  readonly revealed: readonly NegotiationRole[];
}

interface DilemmaSectionProps {
  readonly goals: GoalsShown;
  readonly onGoals: (goals: GoalsShown) => void;
  readonly onMaterial: () => void;
  readonly onSettings: () => void;
  readonly recordings: ReactNode;
}

/** What the group argues about, and what each side secretly wants. */
export function DilemmaSection(props: DilemmaSectionProps): ReactElement {
  const head = useAppState((state) => state.rollout.head);
  const chosenDilemma = useAppState((state) => state.chosenDilemma);
  const chosenPair = useAppState((state) => state.chosenPair);
  const dilemma = head?.dilemma ?? chosenDilemma;
  const pair = head?.pair ?? chosenPair;
  const isNextOther = dilemma.id !== chosenDilemma.id || pair.id !== chosenPair.id;
  return (
    <Section title="Dilemma" className="dilemma" lesson="dilemma" facts={DILEMMA_CATEGORIES[dilemma.category].name}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region must be reachable by keyboard */}
      <div className="dilemma__scroll" role="group" aria-label="Dilemma and goals" tabIndex={0}>
        <h3 className="dilemma__goal">{dilemma.goal}</h3>
        <p className="dilemma__prompt">{dilemma.prompt}</p>
        <Goals pair={pair} goals={props.goals} onGoals={props.onGoals} />
        {isNextOther && <NextGroup dilemma={chosenDilemma} pair={props.goals.all ? chosenPair : null} />}
      </div>
      <div className="dilemma__actions">
        <Button variant="default" aria-haspopup="dialog" onClick={props.onMaterial}>
          Choose
        </Button>
        <AnotherButton />
        <Button variant="default" aria-haspopup="dialog" onClick={props.onSettings}>
          Settings
        </Button>
        {props.recordings}
      </div>
    </Section>
  );
}

function AnotherButton(): ReactElement {
  const store = useAppStore();
  const another = (): void => {
    const state = store.getState();
    const rng = createRng(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);
    state.dilemmaEvents.chosen(randomTrainingDilemma(state, rng, state.chosenDilemma.id).id);
  };
  return (
    <Button variant="default" title="Another dilemma at random, of those that training may use" onClick={another}>
      Another
    </Button>
  );
}

interface NextGroupProps {
  readonly dilemma: Dilemma;
  /** Null while goals are hidden: it may be the pair that is to be guessed. */
  readonly pair: PersonaPair | null;
}

function NextGroup({ dilemma, pair }: NextGroupProps): ReactElement {
  return (
    <div className="dilemma__next">
      <p>
        <strong>Chosen for the next group</strong>
      </p>
      <p>
        {dilemma.goal}. {pair === null ? '' : `${pair.theme}.`}
      </p>
      <p className="dilemma__next-prompt">{dilemma.prompt}</p>
    </div>
  );
}

interface GoalsProps extends Pick<DilemmaSectionProps, 'goals' | 'onGoals'> {
  readonly pair: PersonaPair;
}

/** Both private goals; hidden, the viewers can guess them. */
function Goals({ pair, goals, onGoals }: GoalsProps): ReactElement {
  return (
    <div className="goals" data-lesson="goals">
      <div className="goals__head">
        <h3>Private goals</h3>
        <Switch
          size="xs"
          color="ink"
          label="Show"
          labelPosition="left"
          aria-label="Show the private goals"
          data-lesson="goals-switch"
          checked={goals.all}
          onChange={(event) => onGoals({ all: event.currentTarget.checked, revealed: [] })}
        />
      </div>
      {NEGOTIATION_ROLES.map((role) => (
        <Goal
          key={role}
          role={role}
          text={role === 'agent1' ? pair.persona1 : pair.persona2}
          isShown={goals.all || goals.revealed.includes(role)}
          onReveal={() => onGoals({ ...goals, revealed: [...goals.revealed, role] })}
        />
      ))}
    </div>
  );
}

interface GoalProps {
  readonly role: NegotiationRole;
  readonly text: string;
  readonly isShown: boolean;
  readonly onReveal: () => void;
}

function Goal({ role, text, isShown, onReveal }: GoalProps): ReactElement {
  const name = PERSONA_NAMES[role];
  return (
    <div className="goal" data-actor={role}>
      <p className="goal__name">
        <ActorMark actor={role} />
        {name}
      </p>
      {isShown ? (
        <p>{text}</p>
      ) : (
        <p className="goal__mask">
          <span aria-hidden="true">{'\u2022'.repeat(14)}</span>
          <Button variant="default" size="compact-xs" aria-label={`Reveal the goal of ${name}`} onClick={onReveal}>
            Reveal
          </Button>
        </p>
      )}
    </div>
  );
}
