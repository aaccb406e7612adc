import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import type { JudgeCalibrationView } from '@/state/judge-calibration-slice.ts';

type Cell = string | number | null;

const HEAD = ['answer', 'dilemma', 'persona 1', 'persona 2', 'completion', 'level'] as const;

/** One line an answer; what could not be read has no score. */
export function calibrationCsv({
  judges,
  answers,
  verdicts,
}: Pick<JudgeCalibrationView, 'judges' | 'answers' | 'verdicts'>): readonly (readonly Cell[])[] {
  const head = [...HEAD, `A: ${judges[0]}`, `A: why not read`, `B: ${judges[1]}`, `B: why not read`];
  const lines = verdicts.map(([first, second], index): readonly Cell[] => {
    const compared = answers[index];
    const { dilemma = '', persona1 = '', persona2 = '', completion = '' } = compared?.answer ?? {};
    const facts = [compared?.name ?? '', dilemma, persona1, persona2, completion, compared?.known?.level ?? ''];
    return [...facts, ...cellsOf(first), ...cellsOf(second)];
  });
  return [head, ...lines];
}

function cellsOf(verdict: JudgeVerdict): readonly [score: Cell, reason: Cell] {
  return verdict.state === 'scored' ? [verdict.score, null] : [null, verdict.reason];
}
