/** What was said in a dialogue of a training step, with the numbers of each token that was trained. */
import { rewardOf, type NegotiationRole, type Utterance } from '@/protocol/negotiation-run.ts';
import type { NegotiationTrainingStep, TrainedRow } from '@/protocol/negotiation-training.ts';

export interface TrainedToken {
  readonly id: number;
  /** Empty while a character is incomplete, and for a stop token. */
  readonly text: string;
  readonly isCounted: boolean;
  readonly advantage: number;
  /** ln p before the update, nats. */
  readonly logProb: number;
  /** Null where it was not measured. */
  readonly logProbAfter: number | null;
  /** ln p after minus ln p before, nats. */
  readonly change: number | null;
  /** ln of the ratio: ln p by the trainer minus ln p when it was sampled. */
  readonly logRatio: number | null;
  readonly entropy: number;
  readonly isStop: boolean;
}

/** An utterance, or the answer. */
export interface SaidBlock {
  readonly kind: Utterance['kind'];
  readonly role: NegotiationRole;
  readonly turn: number;
  readonly text: string;
  /** Empty where it was not trained. */
  readonly tokens: readonly TrainedToken[];
  /** Of the tokens: how many at the beginning are private thoughts. */
  readonly numThoughts: number;
  /** Null where it was. */
  readonly whyUntrained: string | null;
}

export interface DialogueHead {
  readonly name: string;
  /** NaN: no verdict. */
  readonly reward: number;
  readonly advantage: number;
}

export function dialogueHeads(step: NegotiationTrainingStep, group: number): DialogueHead[] {
  const dialogues = step.groups[group]?.dialogues ?? [];
  return dialogues.map((record, index) => ({
    name: String(record.row + 1),
    reward: step.rewards[group]?.[index] ?? rewardOf(record),
    advantage: step.advantages[group]?.[index] ?? 0,
  }));
}

export function tokensOfRow(row: TrainedRow, endsAtStop: boolean): TrainedToken[] {
  return row.tokenIds.map((id, index) => {
    const logProb = row.logProbs[index] ?? Number.NaN;
    const logProbAfter = row.logProbsAfter?.[index] ?? null;
    const sampled = row.sampledLogProbs?.[index] ?? null;
    return {
      id,
      text: row.texts[index] ?? '',
      isCounted: row.lossMask[index] === 1,
      advantage: row.advantage,
      logProb,
      logProbAfter,
      change: logProbAfter === null ? null : logProbAfter - logProb,
      logRatio: sampled === null ? null : logProb - sampled,
      entropy: row.entropies[index] ?? Number.NaN,
      isStop: endsAtStop && index === row.tokenIds.length - 1,
    };
  });
}

/** Everything that was said in a dialogue, in its order; what was not trained has its reason. */
export function saidIn(step: NegotiationTrainingStep, group: number, dialogue: number): SaidBlock[] {
  const record = step.groups[group]?.dialogues[dialogue];
  if (record === undefined) return [];
  const rows = step.rows.filter((row) => row.group === group && row.dialogue === dialogue);
  const said = record.utterances.map((utterance, index) => ({
    utterance,
    row: rows.find((row) => row.utterance === index),
  }));
  const answer = record.completion;
  const all =
    answer === undefined
      ? said
      : [...said, { utterance: answer, row: rows.find(({ utterance }) => utterance === null) }];
  return all.map(({ utterance, row }) => {
    const { kind, role, turn, text, stop, tokenIds } = utterance;
    return {
      kind,
      role,
      turn,
      text,
      tokens: row === undefined ? [] : tokensOfRow(row, stop === 'stopToken'),
      numThoughts: row === undefined ? 0 : Math.max(0, row.tokenIds.length - tokenIds.length),
      whyUntrained: row === undefined ? reasonOf(step, utterance, record.outcome === 'stopped') : null,
    };
  });
}

function reasonOf(step: NegotiationTrainingStep, utterance: Utterance, isStopped: boolean): string {
  if (utterance.origin === 'person') return 'said by a person, never trained';
  if (isStopped) return 'the dialogue was stopped, so nothing of it is trained';
  if (utterance.kind === 'completion') return 'the answer is judged, not trained';
  const isOfTrainedSide = step.rows.some((row) => speakerOf(step, row)?.role === utterance.role);
  return isOfTrainedSide ? 'not trained in this step' : 'this side is not trained';
}

/** The utterance that a row was. */
export function speakerOf(step: NegotiationTrainingStep, row: TrainedRow): Utterance | undefined {
  const record = step.groups[row.group]?.dialogues[row.dialogue];
  return row.utterance === null ? record?.completion : record?.utterances[row.utterance];
}
