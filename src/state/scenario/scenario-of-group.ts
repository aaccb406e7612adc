/** A group of dialogues as the scenario that repeats it. */
import {
  NEGOTIATION_ROLES,
  repeatableJudge,
  type DialogueRecord,
  type GroupRecord,
  type NegotiationRole,
  type RepeatableJudge,
} from '@/protocol/negotiation-run.ts';
import type { WrittenScenario } from '@/protocol/scenario/scenario.ts';
import { dialogueStreams } from '@/protocol/scenario/stream-names.ts';
import type { AppState } from '../app-store.ts';
import { judgeConfigOf } from '../judge-slice.ts';
import { nameOfText, SCENARIO_HEAD } from './scenario-file.ts';
import { modelPart, notRepeatable } from './scenario-model.ts';

type NegotiationInputs = Extract<WrittenScenario, { panel: 'negotiation' }>['inputs'];

/** @throws {Failure} 'invalidConfig' with the reason if a file cannot repeat it */
export function scenarioOfGroup(
  state: Parameters<typeof judgeConfigOf>[0] & Pick<AppState, 'model'>,
  group: GroupRecord,
): WrittenScenario {
  const { dilemma, pair, settings, plan, madeWith } = group;
  // Branches are other courses of these.
  const dialogues = group.dialogues.filter(({ branch }) => branch === 0);
  refuseUnrepeatable(group, dialogues);
  const { note, ...part } = modelPart(state.model, madeWith?.model);
  const judge = judgeOf(group, state);
  const { seed, ...others } = settings;
  return {
    ...SCENARIO_HEAD,
    name: nameOfText(dilemma.goal, 'A negotiation'),
    description: `Saved from the Negotiation panel: the group of seed ${seed}.${judge === null && madeWith?.judge !== null ? ' Its judge does not repeat itself, so nothing is judged.' : ''}${note}`,
    panel: 'negotiation',
    ...part,
    inputs: {
      dilemma: { ...dilemma },
      pair: { ...pair },
      plan: { ...plan },
      judge,
      ...(madeWith !== undefined && { templates: { ...madeWith.templates } }),
      ...personOf(dialogues),
    },
    settings: others,
    seed,
    expect: { tokenIds: tokenIdsOf(dialogues), facts: factsOf(dialogues) },
  };
}

function refuseUnrepeatable({ madeWith, settings }: GroupRecord, dialogues: readonly DialogueRecord[]): void {
  if ((madeWith?.adapter ?? null) !== null)
    throw notRepeatable('An adapter took part, which a scenario has no place for.');
  if (dialogues.length === 0 || dialogues.some(({ outcome }) => outcome === 'stopped'))
    throw notRepeatable('The group was stopped before it was over. Let it end, or replay it.');
  if (settings.agreementBy === 'judge')
    throw notRepeatable('The judge decided about agreement; only the model and rules repeat themselves.');
  for (const dialogue of dialogues)
    for (const role of NEGOTIATION_ROLES)
      if (speakersOf(dialogue, role).size > 1)
        throw notRepeatable('A person and the model spoke for the same side; a scenario has one speaker a side.');
}

function speakersOf({ utterances }: DialogueRecord, role: NegotiationRole): ReadonlySet<string> {
  return new Set(utterances.filter((said) => said.role === role).map(({ origin }) => origin));
}

/**
 * The one that judged; of a group that does not say so, as older ones, the page's.
 *
 * @returns null where another answer may come each time, or where nothing was judged
 */
function judgeOf({ madeWith }: GroupRecord, state: Parameters<typeof judgeConfigOf>[0]): RepeatableJudge | null {
  if (madeWith?.model.loadedWith !== undefined) return madeWith.repeatableJudge ?? null;
  return repeatableJudge(judgeConfigOf(state));
}

function personOf(dialogues: readonly DialogueRecord[]): Pick<NegotiationInputs, 'person' | 'takenOver'> {
  const said = dialogues.flatMap(({ row, utterances }) =>
    utterances.filter(({ origin }) => origin === 'person').map(({ role, turn, text }) => ({ row, role, turn, text })),
  );
  if (said.length === 0) return {};
  const sides = new Map(said.map(({ row, role }) => [`${row} ${role}`, { row, role }]));
  return { takenOver: [...sides.values()], person: said };
}

function tokenIdsOf(dialogues: readonly DialogueRecord[]): Record<string, number[]> {
  const streams = dialogues.flatMap(dialogueStreams);
  return Object.fromEntries(streams.map(({ name, said }) => [name, [...said.tokenIds]]));
}

function factsOf(dialogues: readonly DialogueRecord[]): Record<string, string> {
  return Object.fromEntries(dialogues.map(({ row, outcome }) => [`dialogue${row + 1}.outcome`, outcome]));
}
