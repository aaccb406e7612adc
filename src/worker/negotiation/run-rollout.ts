/** A group from request to record: dialogues, agreement, answers, verdicts. */
import { follow } from '@/lib/follow.ts';
import type { AskPage } from '@/protocol/chat.ts';
import type { JudgeConfig, RolloutEvent, RolloutRequest, TemplateTexts } from '@/protocol/negotiation-api.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import { repeatableJudge, type DialogueRecord, type GroupMaker, type GroupRecord } from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { RuleAgreement, type AgreementJudge } from '@/research/negotiation/agreement.ts';
import { ChatJudge } from '@/research/negotiation/chat-judge.ts';
import { rolloutGroup } from '@/research/negotiation/group-rollout.ts';
import type { RolloutControl } from '@/research/negotiation/rollout-control.ts';
import { scoreGroup } from '@/research/negotiation/score-group.ts';
import { templatePrompts } from '@/research/negotiation/template-prompts.ts';
import { chatTokenizerOf } from '../chat/chat-tokenizer-of.ts';
import { createChatModel, type NegotiatingModel } from './chat-models.ts';
import { type HumanDesk, Judges } from './judges.ts';

/** A request that has been checked, with nothing left to default. */
export interface CheckedRollout extends Pick<RolloutRequest, 'starts' | 'plan' | 'agreement'> {
  readonly dilemma: Dilemma;
  readonly pair: PersonaPair;
  readonly settings: NegotiationSettings;
  readonly templates: TemplateTexts;
  readonly judge: JudgeConfig | null;
}

export interface RolloutHost {
  readonly model: NegotiatingModel;
  readonly desk: HumanDesk;
  readonly ask: AskPage;
  readonly control: RolloutControl;
  readonly signal: AbortSignal;
}

/**
 * Ended by its signal, it still returns what was said and judged.
 *
 * @throws {Failure} as `rolloutGroup`, and what the judge throws
 */
export async function runRollout(
  { dilemma, pair, settings, templates, judge, starts, plan, agreement }: CheckedRollout,
  { model, desk, ask, control, signal }: RolloutHost,
  emit: (event: RolloutEvent) => void,
): Promise<GroupRecord> {
  const prompts = templatePrompts(templates);
  const decider = agreementJudge(agreement ?? agreementBy(settings, judge), model, ask, templates);
  // Opened first: a judge that cannot judge is known before anything is said.
  using opened =
    judge === null
      ? null
      : new Judges(model, desk, ask).open(judge, {
          templates,
          seesDialogue: settings.judgeSeesDialogue,
          onHumanAsked: (open) => emit({ kind: 'humanAsked', open }),
        });
  const request = { dilemma, pair, settings, ...(starts && { starts }), ...(plan && { plan }) };
  const rolledOut = await follow(
    rolloutGroup(model.gpuModel.decoder, request, {
      tokenizer: chatTokenizerOf(model.opened),
      prompts,
      control,
      signal,
      ...(decider && { agreement: decider }),
    }),
    emit,
  );
  const group = { ...rolledOut, madeWith: makerOf(model, opened, judge, templates) };
  if (opened === null || signal.aborted) return group;
  const dialogues: DialogueRecord[] = [...group.dialogues];
  try {
    return await follow(scoreGroup(group, opened, signal), (event) => {
      const index = dialogues.findIndex(({ row }) => event.kind === 'judged' && row === event.row);
      const dialogue = dialogues[index];
      if (event.kind === 'judged' && dialogue !== undefined) dialogues[index] = { ...dialogue, verdict: event.verdict };
      emit(event);
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    return { ...group, dialogues };
  }
}

export function makerOf(
  { madeBy, training: { current } }: NegotiatingModel,
  opened: { readonly name: string } | null,
  judge: JudgeConfig | null,
  templates: TemplateTexts,
): GroupMaker {
  const adapter = current === null ? null : { id: current.id, blend: current.blend };
  const repeatable = repeatableJudge(judge);
  return {
    model: madeBy,
    adapter,
    judge: opened?.name ?? null,
    ...(repeatable !== null && { repeatableJudge: repeatable }),
    templates,
  };
}

export function agreementBy(
  { agreementBy: by }: NegotiationSettings,
  judge: JudgeConfig | null,
): RolloutRequest['agreement'] {
  if (by === 'rule') return { kind: 'rule' };
  return by === 'judge' && (judge?.kind === 'endpoint' || judge?.kind === 'webLlm') ? judge : { kind: 'engine' };
}

/** Undefined: the model itself. */
export function agreementJudge(
  config: RolloutRequest['agreement'],
  model: NegotiatingModel,
  ask: AskPage,
  templates: TemplateTexts,
): AgreementJudge | undefined {
  if (config === undefined || config.kind === 'engine') return undefined;
  if (config.kind === 'rule') return new RuleAgreement(config.phrases);
  return new ChatJudge(createChatModel(config, model, ask), { prompts: templatePrompts(templates) });
}
