import type { ModelView } from './model-view.ts';
import { dialogueState } from './negotiation-stats.ts';
import { isRunning, keyOf, nameOf, type DialogueView, type RolloutView } from './negotiation-view.ts';

export type NegotiationStatusKind =
  | 'idle'
  | 'loading'
  | 'negotiating'
  | 'yourTurn'
  | 'writing'
  | 'judging'
  | 'paused'
  | 'done'
  | 'stopped'
  | 'failed';

/** The one state that the panel shows at any moment, with a sentence about it. */
export interface NegotiationStatus {
  readonly kind: NegotiationStatusKind;
  readonly label: string;
  readonly detail: string;
}

type Shown = Pick<RolloutView, 'phase' | 'isRecorded' | 'dialogues' | 'inRun' | 'questions'>;

/** Why no group can start; null if one can. */
export function reasonNotToStart({ status, device }: Pick<ModelView, 'status' | 'device'>): string | null {
  if (status === 'ready') return null;
  if (device?.available === false) return 'no WebGPU here';
  return status === 'loading' ? 'the model is loading' : 'load a model first';
}

export function negotiationStatus(view: Shown, model: Pick<ModelView, 'status' | 'device'>): NegotiationStatus {
  const status = isRunning(view) ? runningStatus(view) : restingStatus(view, model);
  return view.isRecorded ? { ...status, label: `Recorded: ${lowered(status.label)}` } : status;
}

function lowered(label: string): string {
  return label.charAt(0).toLowerCase() + label.slice(1);
}

function restingStatus({ phase, dialogues }: Shown, model: Pick<ModelView, 'status' | 'device'>): NegotiationStatus {
  const reason = reasonNotToStart(model);
  const agreed = dialogues.filter(({ outcome }) => outcome === 'agreed').length;
  switch (phase) {
    case 'ended':
      return { kind: 'done', label: 'Done', detail: `${agreed} of ${dialogues.length} dialogues agreed.` };
    case 'stopped':
      return { kind: 'stopped', label: 'Stopped', detail: 'What was said is kept.' };
    case 'failed':
      return { kind: 'failed', label: 'Failed', detail: 'What was said is kept.' };
    case 'idle':
    case 'running':
    case 'paused':
    default:
      return model.status === 'loading'
        ? { kind: 'loading', label: 'Loading', detail: 'The model is on its way.' }
        : { kind: 'idle', label: 'Idle', detail: idleDetail(reason, model) };
  }
}

function idleDetail(reason: string | null, { device }: Pick<ModelView, 'device'>): string {
  if (device?.available === false) return 'No model can run in this browser. Recorded negotiations can be watched.';
  return reason === null ? 'Nothing has been said.' : `Nothing has been said. To start, ${reason}.`;
}

function runningStatus(view: Shown): NegotiationStatus {
  const running = view.dialogues.filter((dialogue) => view.inRun.includes(keyOf(dialogue)));
  const open = running.filter(({ outcome }) => outcome === null);
  if (view.phase === 'paused')
    return {
      kind: 'paused',
      label: 'Paused',
      detail: view.isRecorded ? 'Play goes on.' : 'Resume, or step on by an utterance or a turn.',
    };
  const waiting = running.find(({ awaiting }) => awaiting !== null);
  const isModelBusy = running.some(({ growing }) => growing !== null);
  if (waiting !== undefined && !isModelBusy)
    return { kind: 'yourTurn', label: 'Your turn', detail: `Dialogue ${nameOf(waiting)} waits for what you say.` };
  if (open.length > 0)
    return {
      kind: 'negotiating',
      label: 'Negotiating',
      detail: `Turn ${turnOf(open)}, ${open.length} of ${running.length} dialogues go on.`,
    };
  if (running.some(({ growing }) => growing !== null))
    return { kind: 'writing', label: 'Writing', detail: 'Persona 1 writes the answers of those that agreed.' };
  const numJudged = running.filter(({ verdict }) => verdict !== null).length;
  const numAnswers = running.filter(({ completion }) => completion !== null).length;
  return {
    kind: 'judging',
    label: 'Judging',
    detail:
      view.questions.length > 0
        ? 'The answers wait for your scores.'
        : `${numJudged} of ${numAnswers} answers have been judged.`,
  };
}

/** The turn that is furthest back. */
function turnOf(open: readonly DialogueView[]): number {
  return Math.min(...open.map(({ agreements }) => agreements.length + 1));
}

/** The turn that a dialogue is in, or ended in; 0 before its first word. */
export function turnShown(dialogue: DialogueView, view: Pick<RolloutView, 'phase' | 'inRun'>): number {
  if (dialogueState(dialogue, view) === 'waiting' && dialogue.utterances.length === 0) return 0;
  if (dialogue.outcome === 'agreed' || dialogue.outcome === 'failed') return dialogue.agreements.length;
  return dialogue.growing?.turn ?? dialogue.awaiting?.turn ?? dialogue.utterances.at(-1)?.turn ?? 0;
}
