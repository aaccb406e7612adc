/** Where the rows of a group begin. */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { RowStart } from '@/protocol/negotiation-api.ts';
import { NEGOTIATION_ROLES } from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { at } from '@/lib/assert.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import type { DialoguePrompts } from './dialogue-prompts.ts';
import { personUtterance } from './growing-utterance.ts';

/**
 * The starts asked for, or all rows from their beginning.
 *
 * @throws {Failure} 'invalidConfig' if there is none, two have one number, or the sides do not speak in turn
 */
export function checkedStarts(
  starts: readonly RowStart[] | undefined,
  settings: NegotiationSettings,
): readonly RowStart[] {
  const rows: readonly RowStart[] = starts ?? Array.from({ length: settings.groupSize }, (_, row) => ({ row }));
  for (const { row, utterances = [], agreements = [], said } of rows) {
    const length = utterances.length + (said === undefined ? 0 : 1);
    const isInTurn = utterances.every(({ role }, index) => role === NEGOTIATION_ROLES[index % 2]);
    const isShort = length <= 2 * settings.maxTurns && agreements.length <= Math.floor(utterances.length / 2);
    if (!isInTurn || !isShort)
      throw new Failure<FailureCode>(
        'invalidConfig',
        `starts: row ${row}: Both sides speak in turn, agent 1 first, for at most ${settings.maxTurns} turns, and no more ` +
          'exchanges are judged than there are.',
      );
  }
  if (rows.length === 0 || new Set(rows.map(({ row }) => row)).size < rows.length)
    throw new Failure<FailureCode>('invalidConfig', 'starts: Give at least one row, each with a number of its own.');
  return rows;
}

/** The same start with what a person says as its last utterance. */
export function withSaid(
  { said, ...start }: RowStart,
  tokenizer: ChatTokenizer,
  prompts: DialoguePrompts,
  { maxUtteranceTokens: limit }: Pick<NegotiationSettings, 'maxUtteranceTokens'>,
): Omit<RowStart, 'said'> {
  if (said === undefined) return start;
  const { utterances = [] } = start;
  const role = at(NEGOTIATION_ROLES, utterances.length % 2);
  const turn = Math.floor(utterances.length / 2) + 1;
  const promptIds = prompts.next(role, utterances);
  const utterance = personUtterance(tokenizer, { role, turn, promptIds, text: said, limit });
  return { ...start, utterances: [...utterances, utterance] };
}
