import './other-tabs.css';
import { Button, NativeSelect } from '@mantine/core';
import { useMemo, useRef, useState, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import { Failure } from '@/lib/failure.ts';
import type { ChatModelConfig } from '@/protocol/chat.ts';
import { answerOf, type JudgeConfig, type PairwiseVerdict } from '@/protocol/negotiation-api.ts';
import type { PairwiseAspect } from '@/protocol/negotiation-prompts.ts';
import { judgeConfigOf } from '@/state/judge-slice.ts';
import { modelObstacle } from '@/state/model-obstacle.ts';
import { comparables, type Comparable } from '@/state/negotiation-comparables.ts';
import { isRunning } from '@/state/negotiation-view.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import type { RenderScore } from './render-score.ts';

const ASPECTS: readonly { readonly aspect: PairwiseAspect; readonly name: string }[] = [
  { aspect: 'caAlignment', name: 'Collective Agency' },
  { aspect: 'conflictResolution', name: 'Resolving the conflict' },
];

/** Two dialogues of this session side by side, and which answer a judge prefers. */
export function CompareTab({ renderScore }: { readonly renderScore: RenderScore }): ReactElement {
  const rollout = useAppState((state) => state.rollout);
  const history = useAppState((state) => state.negotiationHistory);
  const openDialogue = useAppState((state) => state.openDialogue);
  const options = useMemo(() => comparables(rollout, history), [rollout, history]);
  const own = `${rollout.groupId}/${openDialogue}`;
  const [chosen, setChosen] = useState<readonly [string | null, string | null]>([null, null]);
  const left = options.find(({ key }) => key === (chosen[0] ?? own)) ?? options[0];
  const right = options.find(({ key }) => key === chosen[1]) ?? options.find((option) => option !== left);
  if (left === undefined || right === undefined)
    return <p className="prompts__hint">Two dialogues can be compared once there are two.</p>;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region must be reachable by keyboard
    <div className="compare" role="group" aria-label="Two dialogues" tabIndex={0}>
      <Preference key={`${left.key} ${right.key}`} left={left} right={right} />
      <div className="compare__sides">
        <ComparedDialogue
          label="Left"
          options={options}
          shown={left}
          renderScore={renderScore}
          onChoose={(key) => setChosen([key, right.key])}
        />
        <ComparedDialogue
          label="Right"
          options={options}
          shown={right}
          renderScore={renderScore}
          onChoose={(key) => setChosen([left.key, key])}
        />
      </div>
    </div>
  );
}

interface ComparedDialogueProps {
  readonly label: string;
  readonly options: readonly Comparable[];
  readonly shown: Comparable;
  readonly renderScore: RenderScore;
  readonly onChoose: (key: string) => void;
}

function ComparedDialogue({ label, options, shown, renderScore, onChoose }: ComparedDialogueProps): ReactElement {
  const { record, head } = shown;
  const answer = answerOf(head, record);
  return (
    <div className="compare__side">
      <NativeSelect
        size="xs"
        aria-label={`${label} dialogue`}
        value={shown.key}
        data={options.map(({ key, name }) => ({ value: key, label: name }))}
        onChange={(event) => onChoose(event.currentTarget.value)}
      />
      <p className="compare__answer">{answer?.completion ?? 'No answer was written.'}</p>
      {record.verdict !== undefined && renderScore(record.verdict, answer)}
      <ol className="compare__said">
        {record.utterances.map(({ role, text }, index) => (
          <li key={index} data-actor={role}>
            {text}
          </li>
        ))}
      </ol>
    </div>
  );
}

/** A pairwise judge must be able to read: neither a person nor a rule. */
function pairwiseJudge(judge: JudgeConfig): ChatModelConfig {
  return judge.kind === 'human' || judge.kind === 'rule' ? { kind: 'engine' } : judge;
}

type Asked =
  | { readonly phase: 'none' | 'asking' }
  | { readonly phase: 'known'; readonly verdicts: readonly PairwiseVerdict[] }
  | { readonly phase: 'failed'; readonly message: string };

function Preference({ left, right }: { readonly left: Comparable; readonly right: Comparable }): ReactElement {
  const { negotiation } = useDuet();
  const store = useAppStore();
  const [asked, setAsked] = useState<Asked>({ phase: 'none' });
  const controller = useRef<AbortController | null>(null);
  const isBusy = useAppState((state) => isRunning(state.rollout));
  const noModel = useAppState(modelObstacle);
  const obstacle = obstacleOf(left, right, isBusy, noModel);

  const ask = async (): Promise<void> => {
    const state = store.getState();
    const judge = pairwiseJudge(judgeConfigOf(state));
    const [a, b] = [answerOf(left.head, left.record), answerOf(right.head, right.record)];
    if (a === undefined || b === undefined) return;
    const { signal } = (controller.current = new AbortController());
    setAsked({ phase: 'asking' });
    try {
      const verdicts: PairwiseVerdict[] = [];
      for (const { aspect } of ASPECTS) {
        const { dilemma, persona1, persona2 } = a;
        const question = { aspect, dilemma, persona1, persona2, left: a.completion, right: b.completion };
        verdicts.push(await negotiation.prefer({ ...question, judge, templates: state.templateTexts }, { signal }));
      }
      setAsked({ phase: 'known', verdicts });
    } catch (error) {
      const isStopped = error instanceof Failure && error.code === 'cancelled';
      const message = error instanceof Error ? error.message : String(error);
      setAsked(isStopped ? { phase: 'none' } : { phase: 'failed', message });
    }
  };

  return (
    <div className="preference">
      <div className="preference__ask">
        {asked.phase === 'asking' ? (
          <Button onClick={() => controller.current?.abort()}>Stop</Button>
        ) : (
          <Button disabled={obstacle !== null} onClick={() => void ask()}>
            Which answer is better?
          </Button>
        )}
        <span>{obstacle ?? 'The judge is asked in both orders; a win counts only if it is one in both.'}</span>
      </div>
      <div aria-live="polite">
        {asked.phase === 'asking' && <p>The judge reads both answers.</p>}
        {asked.phase === 'failed' && <p className="preference__failed">{asked.message}</p>}
        {asked.phase === 'known' && (
          <dl>
            {ASPECTS.map(({ aspect, name }, index) => (
              <PreferenceLine key={aspect} name={name} verdict={asked.verdicts[index]} />
            ))}
          </dl>
        )}
      </div>
    </div>
  );
}

const WINNERS: Readonly<Record<PairwiseVerdict['winner'], string>> = {
  left: 'the left answer',
  right: 'the right answer',
  inconsistent: 'inconsistent: the place decided, not the answer',
  unreadable: 'the judge could not be read',
};

function PreferenceLine({
  name,
  verdict,
}: {
  readonly name: string;
  readonly verdict: PairwiseVerdict | undefined;
}): ReactElement | null {
  if (verdict === undefined) return null;
  const unread = verdict.answers.find((answer) => answer.state === 'unreadable');
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {WINNERS[verdict.winner]}
        {unread !== undefined && `. ${unread.reason}`}
      </dd>
    </div>
  );
}

function obstacleOf(left: Comparable, right: Comparable, isBusy: boolean, noModel: string | null): string | null {
  if (left.key === right.key) return 'Choose two different dialogues.';
  if (left.head.dilemma.prompt !== right.head.dilemma.prompt) return 'They are about different dilemmas.';
  if (left.record.completion === undefined || right.record.completion === undefined) return 'Both must have an answer.';
  if (isBusy) return 'Possible once the run is over.';
  return noModel;
}
