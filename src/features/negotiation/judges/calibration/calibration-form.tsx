import { Button, Checkbox, NativeSelect } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { JudgeConfig } from '@/protocol/negotiation-api.ts';
import type { ComparedAnswer } from '@/state/judge-calibration-slice.ts';
import {
  FIRST_JUDGE_FORM,
  formOfJudge,
  isSameJudge,
  judgeOfForm,
  withKey,
  type JudgeForm,
  type JudgeKind,
} from '@/state/judge-form.ts';
import { judgeConfigOf } from '@/state/judge-slice.ts';
import { OUR_ANSWERS, sessionAnswers } from '@/state/judged-answers.ts';
import { modelObstacle } from '@/state/model-obstacle.ts';
import { keyAtUrl } from '@/state/server-url.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { KindFields, KINDS } from '../judge-fields.tsx';

interface CalibrationFormProps {
  readonly isRunning: boolean;
  readonly onStart: (judges: readonly [JudgeConfig, JudgeConfig], answers: readonly ComparedAnswer[]) => void;
  readonly onCancel: () => void;
}

/** Which judges, and which answers. Keys stay in this form's memory. */
export function CalibrationForm({ isRunning, onStart, onCancel }: CalibrationFormProps): ReactElement {
  const store = useAppStore();
  const [first, setFirst] = useState<Side>(() => {
    const judge = judgeConfigOf(store.getState());
    const apiKey = judge.kind === 'endpoint' ? (judge.apiKey ?? '') : '';
    return { form: formOfJudge(judge, store.getState().judgeForm), apiKey };
  });
  const [second, setSecond] = useState<Side>({ form: { ...first.form, kind: FIRST_JUDGE_FORM.kind }, apiKey: '' });
  const [areOursIn, setAreOursIn] = useState(true);
  const [areOwnIn, setAreOwnIn] = useState(true);
  const own = useAppState(sessionAnswers);
  const noModel = useAppState(modelObstacle);
  const judges = [judgeOfForm(first.form), judgeOfForm(second.form)] as const;
  const answers = [...(areOursIn ? OUR_ANSWERS : []), ...(areOwnIn ? own : [])];
  const problem = problemOf(judges, answers.length, noModel);
  return (
    <form
      className="judge-calibration__form"
      onSubmit={(event) => {
        event.preventDefault();
        const [a, b] = judges;
        if (isRunning) onCancel();
        else if (a !== null && b !== null) onStart([withKey(a, first.apiKey), withKey(b, second.apiKey)], answers);
      }}
    >
      <JudgeSide title="Judge A" side={first} onChange={setFirst} />
      <JudgeSide title="Judge B" side={second} onChange={setSecond} />
      <fieldset className="judge-calibration__answers">
        <legend>Answers</legend>
        <Checkbox
          size="xs"
          label={`${OUR_ANSWERS.length} of ours: good, middling and bad for 4 dilemmas`}
          checked={areOursIn}
          onChange={(event) => setAreOursIn(event.currentTarget.checked)}
        />
        <Checkbox
          size="xs"
          label={own.length === 0 ? 'Of this session: none yet' : `${own.length} of this session`}
          disabled={own.length === 0}
          checked={areOwnIn && own.length > 0}
          onChange={(event) => setAreOwnIn(event.currentTarget.checked)}
        />
      </fieldset>
      <div className="judge-actions">
        {/* The same button, so that the focus stays where it is. */}
        <Button type="submit" variant={isRunning ? 'default' : 'filled'} disabled={!isRunning && problem !== ''}>
          {isRunning ? 'Cancel' : 'Compare'}
        </Button>
        <span className="judge-note">{problem === '' ? noteOf(judges) : problem}</span>
      </div>
    </form>
  );
}

interface Side {
  readonly form: JudgeForm;
  readonly apiKey: string;
}

interface JudgeSideProps {
  readonly title: string;
  readonly side: Side;
  readonly onChange: (side: Side) => void;
}

function JudgeSide({ title, side, onChange }: JudgeSideProps): ReactElement {
  const { form, apiKey } = side;
  const change = (part: Partial<JudgeForm>): void => {
    const next = { ...form, ...part };
    onChange({ form: next, apiKey: keyAtUrl(apiKey, form.url, next.url) });
  };
  return (
    <fieldset className="judge-calibration__side">
      <legend>{title}</legend>
      <NativeSelect
        aria-label={`${title}: kind`}
        value={form.kind}
        data={KINDS.map(({ kind, name }) => ({ value: kind, label: name }))}
        onChange={(event) => change({ kind: event.currentTarget.value as JudgeKind })}
      />
      <KindFields form={form} apiKey={apiKey} onChange={change} onKey={(key) => onChange({ form, apiKey: key })} />
    </fieldset>
  );
}

/** The worker turns the second reading of one judge round, or it would only repeat itself. */
function noteOf([first, second]: readonly [JudgeConfig | null, JudgeConfig | null]): string {
  const isSame = first !== null && second !== null && isSameJudge(first, second);
  return isSame ? 'One judge twice: B has the goals in the other order. Where they differ, it is noise.' : '';
}

/** Why it cannot begin; empty when it can. */
function problemOf(judges: readonly (JudgeConfig | null)[], numAnswers: number, noModel: string | null): string {
  if (judges.includes(null)) return 'Fill in the marked fields first.';
  if (numAnswers === 0) return 'Choose some answers.';
  const needsModel = judges.some((judge) => judge?.kind === 'engine');
  return needsModel && noModel !== null ? `${noModel} Other judges need none.` : '';
}
