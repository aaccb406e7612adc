/** What the engine offers of its loaded model besides answering: adapters, negotiations, and training on them. */
import { HumanDesk } from './negotiation/judges.ts';
import { Negotiation } from './negotiation/negotiation.ts';
import { RolloutSeat } from './negotiation/rollout-seat.ts';
import { NegotiationEvaluation } from './negotiation-evaluation/negotiation-evaluation.ts';
import { NegotiationTraining } from './negotiation-training/negotiation-training.ts';
import { Checkpoints } from './training/checkpoints.ts';
import { Training, type TrainingHost } from './training/training.ts';
import type { TrainingStores } from './training/trainable-model.ts';

export interface ModelApis {
  readonly training: Training;
  readonly negotiation: Negotiation;
  readonly negotiationTraining: NegotiationTraining;
  readonly negotiationEvaluation: NegotiationEvaluation;
}

/** @param openStores  called when something that is stored is first asked for */
export function createModelApis(host: TrainingHost, openStores: () => Promise<TrainingStores>): ModelApis {
  let opened: Promise<TrainingStores> | undefined;
  const stores = (): Promise<TrainingStores> => (opened ??= openStores());
  const checkpoints = new Checkpoints(stores);
  const [seat, desk] = [new RolloutSeat(), new HumanDesk()];
  const training = new Training(host, stores, checkpoints);
  return {
    training,
    negotiation: new Negotiation(host, seat, desk),
    negotiationTraining: new NegotiationTraining({ host, training, stores, checkpoints, seat, desk }),
    negotiationEvaluation: new NegotiationEvaluation({ host, training, seat, desk }),
  };
}
