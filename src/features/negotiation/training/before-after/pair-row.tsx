import { memo, useMemo, useState, type ReactElement } from 'react';
import type { Utterance } from '@/protocol/negotiation-run.ts';
import { formatSigned } from '@/ui/format.ts';
import { saidPairs, turnsOf, type DialoguePair, type DialogueSide, type SaidPair } from './pair-dialogues.ts';
import { diffWords, type Word } from './word-diff.ts';

const MAX_SCORE = 5;

interface PairRowProps {
  readonly pair: DialoguePair;
  readonly isOpenAtFirst: boolean;
}

/** One dialogue of the group, before and after. */
export const PairRow = memo(function PairRow({ pair, isOpenAtFirst }: PairRowProps): ReactElement {
  // Until somebody opens or closes it, it follows what is known by now.
  const [chosen, setChosen] = useState<boolean | null>(null);
  const isOpen = chosen ?? isOpenAtFirst;
  const { row, before, after, difference } = pair;
  return (
    <li>
      <details open={isOpen}>
        {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events -- a summary is a button, Enter and space click it */}
        <summary
          onClick={(event) => {
            event.preventDefault();
            setChosen(!isOpen);
          }}
        >
          <strong>Dialogue {row + 1}</strong>
          <SideFacts name="before" side={before} />
          <SideFacts name="after" side={after} />
          <span className="pair__difference" data-direction={directionOf(difference)}>
            {difference === null ? '' : formatSigned(difference)}
          </span>
        </summary>
        {isOpen && <PairTexts pair={pair} />}
      </details>
    </li>
  );
});

function directionOf(difference: number | null): 'up' | 'down' | 'none' {
  if (difference === null || difference === 0) return 'none';
  return difference > 0 ? 'up' : 'down';
}

function SideFacts({ name, side }: { readonly name: string; readonly side: DialogueSide | null }): ReactElement {
  return (
    <span className="pair__side">
      <small>{name}</small>
      {side === null ? (
        <span className="pair__missing">not yet</span>
      ) : (
        <>
          <span className="pair__bar" aria-hidden="true">
            {!Number.isNaN(side.reward) && <i style={{ width: `${(side.reward / MAX_SCORE) * 100}%` }} />}
          </span>
          <b>{Number.isNaN(side.reward) ? 'no score' : side.reward.toFixed(2)}</b>
          <span>{outcomeText(side)}</span>
        </>
      )}
    </span>
  );
}

function outcomeText({ record }: DialogueSide): string {
  const turns = turnsOf(record);
  if (record.utterances.length === 0) return 'alone';
  if (record.outcome === 'stopped') return 'stopped';
  return record.outcome === 'agreed'
    ? `agreed, turn ${turns}`
    : `no agreement, ${turns} ${turns === 1 ? 'turn' : 'turns'}`;
}

function PairTexts({ pair }: { readonly pair: DialoguePair }): ReactElement {
  const said = useMemo(() => saidPairs(pair), [pair]);
  const hasBoth = pair.before !== null && pair.after !== null;
  return (
    <div className="pair__texts">
      {hasBoth && <p className="pair__parting">{partingText(pair)}</p>}
      {said.map((both) => (
        <SaidTexts key={both.name} both={both} hasBoth={hasBoth} />
      ))}
    </div>
  );
}

function partingText({ isIdentical, numSameTokens }: DialoguePair): string {
  if (isIdentical) return 'Both are the same, token for token.';
  const count = numSameTokens ?? 0;
  if (count === 0) return 'They differ from the first token on. Marked: words that the other side does not have there.';
  return `The first ${count.toLocaleString('en')} ${count === 1 ? 'token is' : 'tokens are'} the same. Marked: words that the other side does not have there.`;
}

function SaidTexts({ both, hasBoth }: { readonly both: SaidPair; readonly hasBoth: boolean }): ReactElement {
  const { name, before, after } = both;
  const [left, right] = useMemo(() => diffWords(before?.text ?? '', after?.text ?? ''), [before, after]);
  const isSame = before !== undefined && before.text === after?.text;
  return (
    <div
      className="pair__said"
      data-actor={(before ?? after)?.role}
      data-answer={(before ?? after)?.kind === 'completion'}
    >
      <h4>{name}</h4>
      {isSame ? (
        <p data-side="both" dir="auto">
          <small>before and after</small>
          {before.text}
        </p>
      ) : (
        <>
          <SaidText side="before" utterance={before} words={left} isMarked={hasBoth} />
          <SaidText side="after" utterance={after} words={right} isMarked={hasBoth} />
        </>
      )}
    </div>
  );
}

interface SaidTextProps {
  readonly side: 'before' | 'after';
  readonly utterance: Utterance | undefined;
  readonly words: readonly Word[];
  readonly isMarked: boolean;
}

function SaidText({ side, utterance, words, isMarked }: SaidTextProps): ReactElement {
  return (
    <p data-side={side} dir="auto">
      <small>{side}</small>
      {utterance === undefined ? (
        <em>{isMarked ? 'Nothing was said here.' : 'Not yet.'}</em>
      ) : isMarked ? (
        markedRuns(words).map(({ text, isOther }, index) =>
          // oxlint-disable-next-line react/no-array-index-key -- a run of words has no other name than its place
          isOther ? <MarkedRun key={index} text={text} /> : <span key={index}>{text}</span>,
        )
      ) : (
        utterance.text
      )}
    </p>
  );
}

/** Blanks at its end are no part of what differs. */
function MarkedRun({ text }: { readonly text: string }): ReactElement {
  const words = text.trimEnd();
  return (
    <>
      <mark>{words}</mark>
      {text.slice(words.length)}
    </>
  );
}

/** Neighbours of the same kind as one. */
function markedRuns(words: readonly Word[]): Word[] {
  return words.reduce<Word[]>((runs, word) => {
    const last = runs.at(-1);
    if (last === undefined || last.isOther !== word.isOther) return [...runs, word];
    return [...runs.slice(0, -1), { text: last.text + word.text, isOther: last.isOther }];
  }, []);
}
