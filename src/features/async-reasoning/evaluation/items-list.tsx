import { Button, SegmentedControl } from '@mantine/core';
import { useMemo, useState, type ReactElement } from 'react';
import type { EvaluationItem, EvaluationRecord } from '@/protocol/evaluation.ts';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { saveText } from '@/ui/save-file.ts';
import { STOPS } from '../modes.ts';
import {
  answerText,
  chosenItems,
  ITEM_FILTERS,
  verdictOf,
  type AnswersOfItem,
  type ItemFilter,
} from './item-answers.ts';

const PAGE_SIZE = 20;
const MARKS = { right: '✓', wrong: '✗', unread: '?' } as const;

interface ItemsListProps {
  /** Shows an answer's run on the panel; absent where that cannot be done. */
  readonly onReplay?: ((trace: ReasoningTrace) => void) | undefined;
}

/** Every question with what each configuration answered; opened, with all that was written and thought. */
export function ItemsList({ onReplay }: ItemsListProps): ReactElement {
  const items = useAppState((state) => state.evaluation.items);
  const records = useAppState((state) => state.evaluation.records);
  const configurations = useAppState((state) => state.evaluation.request?.configurations);
  const [filter, setFilter] = useState<ItemFilter>('all');
  const [numShown, setNumShown] = useState(PAGE_SIZE);
  const chosen = useMemo(() => chosenItems(items, records, filter), [items, records, filter]);
  const names = configurations?.map(({ name }) => name) ?? [];
  return (
    <section className="evaluation__part" aria-labelledby="evaluation-items">
      <div className="evaluation__head">
        <h3 id="evaluation-items">Questions and answers</h3>
        <SegmentedControl
          size="xs"
          aria-label="Questions to show"
          value={filter}
          onChange={(next) => {
            setFilter(next);
            setNumShown(PAGE_SIZE);
          }}
          data={Object.entries(ITEM_FILTERS).map(([value, label]) => ({ value: value as ItemFilter, label }))}
        />
      </div>
      {chosen.length === 0 && <p className="evaluation__note">No question is like that so far.</p>}
      <ul className="items" aria-labelledby="evaluation-items">
        {chosen.slice(0, numShown).map(({ item, answers }) => (
          <Item key={item.id} item={item} answers={answers} names={names} onReplay={onReplay} />
        ))}
      </ul>
      {chosen.length > numShown && (
        <Button variant="default" onClick={() => setNumShown(numShown + PAGE_SIZE)}>
          Show {Math.min(PAGE_SIZE, chosen.length - numShown)} more of {chosen.length}
        </Button>
      )}
    </section>
  );
}

interface ItemProps extends ItemsListProps {
  readonly item: EvaluationItem;
  readonly answers: AnswersOfItem;
  readonly names: readonly string[];
}

function Item({ item, answers, names, onReplay }: ItemProps): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <li>
      <details className="item" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>
          <span className="item__question">{item.question}</span>
          <span className="item__facts">
            <span>
              right answer: <strong>{answerText(item, item.answer)}</strong>
            </span>
            {names.map((name) => (
              <Extracted key={name} item={item} name={name} record={answers.get(name)} />
            ))}
          </span>
        </summary>
        {isOpen && (
          <div className="item__answers">
            {names.map((name) => (
              <Answer key={name} name={name} record={answers.get(name)} onReplay={onReplay} />
            ))}
          </div>
        )}
      </details>
    </li>
  );
}

interface ExtractedProps {
  readonly item: EvaluationItem;
  readonly name: string;
  readonly record: EvaluationRecord | undefined;
}

function Extracted({ item, name, record }: ExtractedProps): ReactElement {
  if (record === undefined) return <span className="item__open">{name}: –</span>;
  const verdict = verdictOf(record);
  return (
    <span data-verdict={verdict}>
      <span className="item__mark" aria-hidden="true">
        {MARKS[verdict]}
      </span>
      {name}: <strong>{record.extracted === null ? 'not read' : answerText(item, record.extracted)}</strong>
      {verdict !== 'unread' && <span className="visually-hidden"> ({verdict})</span>}
    </span>
  );
}

interface AnswerProps extends ItemsListProps {
  readonly name: string;
  readonly record: EvaluationRecord | undefined;
}

function Answer({ name, record, onReplay }: AnswerProps): ReactElement | null {
  if (record === undefined) return null;
  const { text, metrics, stop, trace } = record;
  return (
    <article className="item__answer">
      <h4>
        {name} <span>{STOPS[stop]}</span>
      </h4>
      <p className="item__text">{text.writer.trim() || '–'}</p>
      {text.thinker.trim() !== '' && (
        <details className="item__thoughts" data-actor="thinker">
          <summary>
            <ActorMark actor="thinker" /> Thoughts, {metrics.thinkerTokens} tokens
          </summary>
          <p>{text.thinker.trim()}</p>
        </details>
      )}
      {trace !== undefined && (
        <p className="item__actions">
          {onReplay !== undefined && (
            <Button variant="default" onClick={() => onReplay(trace)}>
              Replay
            </Button>
          )}
          <Button
            variant="default"
            onClick={() => saveText('duet-trace.json', 'application/json', JSON.stringify(trace))}
          >
            Save trace
          </Button>
        </p>
      )}
    </article>
  );
}
