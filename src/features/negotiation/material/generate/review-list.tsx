import { Button } from '@mantine/core';
import { useMemo, useState, type ReactElement } from 'react';
import { DILEMMA_CATEGORIES, type Dilemma } from '@/protocol/negotiation.ts';
import { dilemmaFields, type ItemDraft } from '@/state/material-form.ts';
import type { ReviewItem } from '@/state/material-generation.ts';
import { allDilemmas } from '@/state/material-lists.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Hints } from '../item-detail.tsx';
import { ItemForm } from '../item-form.tsx';
import { counted, DILEMMA_KIND } from '../item-kinds.ts';
import { OutcomeLine, type Outcome } from '../outcome-line.tsx';
import { acceptedItems } from './accepted-items.ts';

/** Accepted dilemmas, each to be kept, edited or dropped before they join the list. */
export function ReviewList(): ReactElement {
  const review = useAppState((state) => state.review);
  const all = useAppState(allDilemmas);
  const { added, removed } = useAppState((state) => state.dilemmaEvents);
  const end = useAppState((state) => state.reviewEnded);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const broughtBack = useAppState((state) => state.reviewBroughtBack);
  const wanted = review.filter(({ isWanted }) => isWanted);
  const add = (): void => {
    const { items, numLeftOut } = acceptedItems(
      wanted.map(({ dilemma }) => dilemma),
      all,
    );
    const heldOut = items.filter(({ split }) => split === 'test').length;
    added(items);
    end();
    setOutcome({
      text: [
        `${counted(DILEMMA_KIND, items.length)} added to the list.`,
        ...(heldOut > 0 ? [`${heldOut} held out, being close to held-out ones.`] : []),
        ...(numLeftOut > 0 ? [`${numLeftOut} left out: there already, or no room.`] : []),
      ].join(' '),
      undo: () => {
        removed(items.map(({ id }) => id));
        broughtBack(review);
      },
    });
  };
  const drop = (): void => {
    end();
    setOutcome({ text: `${counted(DILEMMA_KIND, review.length)} dropped.`, undo: () => broughtBack(review) });
  };
  return (
    <>
      <section className="review material__scroll" aria-labelledby="review">
        <div className="review__head">
          <h3 id="review">To look through: {review.length}</h3>
          <Button disabled={wanted.length === 0} onClick={add}>
            {wanted.length === 0 ? 'Nothing to add' : `Add ${counted(DILEMMA_KIND, wanted.length)}`}
          </Button>
          <Button variant="default" disabled={review.length === 0} onClick={drop}>
            Drop all
          </Button>
        </div>
        {review.length === 0 && (
          <p className="material__empty">
            What the generator accepts waits here for your look. Only what you add joins the dilemmas.
          </p>
        )}
        <ul className="review__list" aria-label="Generated dilemmas">
          {review.map((item) => (
            <ReviewRow key={item.dilemma.id} item={item} />
          ))}
        </ul>
      </section>
      <OutcomeLine outcome={outcome} onUndone={() => setOutcome(null)} />
    </>
  );
}

function ReviewRow({ item }: { readonly item: ReviewItem }): ReactElement {
  const { dilemma, isWanted } = item;
  const change = useAppState((state) => state.reviewItemChanged);
  const [draft, setDraft] = useState<ItemDraft | null>(null);
  if (draft !== null) {
    return (
      <li className="review__row">
        <RowForm
          dilemma={dilemma}
          draft={draft}
          onDraft={setDraft}
          onSave={(edited) => change({ dilemma: edited, isWanted: true })}
        />
      </li>
    );
  }
  const fields = dilemmaFields(dilemma);
  const faults = DILEMMA_KIND.faultsOf(dilemma);
  return (
    <li className="review__row" data-wanted={isWanted} aria-label={dilemma.goal}>
      <div className="review__what">
        <strong dir="auto">{dilemma.goal}</strong> <small>{DILEMMA_CATEGORIES[dilemma.category].name}</small>
        <p className="review__text" dir="auto">
          {dilemma.prompt}
        </p>
        {faults.length > 0 && <Hints title="Rules that it does not keep" hints={faults} />}
      </div>
      <div className="material__actions">
        <Button variant="default" onClick={() => setDraft({ id: null, first: fields, fields })}>
          Edit
        </Button>
        <Button variant="default" onClick={() => change({ dilemma, isWanted: !isWanted })}>
          {isWanted ? 'Drop' : 'Keep it after all'}
        </Button>
      </div>
    </li>
  );
}

interface RowFormProps {
  readonly dilemma: Dilemma;
  readonly draft: ItemDraft;
  readonly onDraft: (draft: ItemDraft | null) => void;
  readonly onSave: (dilemma: Dilemma) => void;
}

function RowForm({ dilemma, draft, onDraft, onSave }: RowFormProps): ReactElement {
  const all = useAppState(allDilemmas);
  const review = useAppState((state) => state.review);
  const existing = useMemo(
    () => [...all, ...review.flatMap((other) => (other.dilemma.id === dilemma.id ? [] : [other.dilemma]))],
    [all, review, dilemma.id],
  );
  return (
    <ItemForm
      kind={DILEMMA_KIND}
      title={`Edit “${dilemma.goal}”`}
      draft={draft}
      existing={existing}
      onChange={onDraft}
      onSave={(edited) => {
        onSave({ ...edited, id: dilemma.id, origin: 'generated' });
        onDraft(null);
      }}
      onCancel={() => onDraft(null)}
    />
  );
}
