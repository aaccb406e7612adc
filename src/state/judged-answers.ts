import { CALIBRATION_ANSWERS } from '@/protocol/negotiation/calibration-answers.ts';
import { answerOf } from '@/protocol/negotiation-api.ts';
import type { DialogueRecord } from '@/protocol/negotiation-run.ts';
import type { AppState } from './app-store.ts';
import type { ComparedAnswer } from './judge-calibration-slice.ts';

/** The answers of known quality that come with the page. */
export const OUR_ANSWERS: readonly ComparedAnswer[] = CALIBRATION_ANSWERS.map(({ goal, level, dilemmaId, answer }) => ({
  name: `${goal}, ${level}`,
  answer,
  known: { dilemmaId, level },
}));

type History = AppState['negotiationHistory'];
const found = new WeakMap<History, readonly ComparedAnswer[]>();

/** The completions of this session's groups, newest group first. Each history is read once. */
export function sessionAnswers({
  negotiationHistory,
}: Pick<AppState, 'negotiationHistory'>): readonly ComparedAnswer[] {
  const known = found.get(negotiationHistory);
  if (known !== undefined) return known;
  const answers = negotiationHistory.flatMap(({ record }) =>
    record.dialogues.flatMap((dialogue): readonly ComparedAnswer[] => {
      const answer = answerOf(record, dialogue);
      return answer === undefined ? [] : [{ name: nameOf(record.dilemma.goal, dialogue), answer }];
    }),
  );
  found.set(negotiationHistory, answers);
  return answers;
}

function nameOf(goal: string, { row, branch }: Pick<DialogueRecord, 'row' | 'branch'>): string {
  return `${goal}, dialogue ${row + 1}${branch === 0 ? '' : `, branch ${branch}`}`;
}
