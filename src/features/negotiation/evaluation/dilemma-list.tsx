import { useMemo, useState, type ReactElement } from 'react';
import type { DialoguePiece, PairwisePiece } from '@/protocol/negotiation-evaluation.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { PERSONA_NAMES } from '../persona-name.ts';
import { dilemmaAnswers, outcomeText, verdictText, type AnswerRun, type DilemmaAnswers } from './dilemma-answers.ts';

/** Every dilemma with what each contestant answered and how the judge compared them; closed at first. */
export function DilemmaList(): ReactElement | null {
  const plan = useAppState((state) => state.negotiationEvaluation.plan);
  const pieces = useAppState((state) => state.negotiationEvaluation.pieces);
  const dilemmas = useMemo(() => (plan === null ? [] : dilemmaAnswers({ plan, pieces })), [plan, pieces]);
  if (dilemmas.length === 0) return null;
  return (
    <section className="contest__part" aria-labelledby="contest-dilemmas">
      <h3 id="contest-dilemmas">Dilemmas and answers</h3>
      <ul className="contest-dilemmas" aria-labelledby="contest-dilemmas">
        {dilemmas.map((answers) => (
          <DilemmaItem key={answers.dilemma.id} answers={answers} />
        ))}
      </ul>
    </section>
  );
}

function DilemmaItem({ answers: { dilemma, runs } }: { readonly answers: DilemmaAnswers }): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  const numAnswers = runs.reduce((sum, run) => sum + run.answers.length, 0);
  return (
    <li>
      <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>
          <strong>{dilemma.goal}</strong>{' '}
          <span className="contest__note">{numAnswers === 1 ? '1 answer' : `${numAnswers} answers`}</span>
        </summary>
        {isOpen && (
          <div className="contest-dilemma">
            <p className="contest-dilemma__prompt">{dilemma.prompt}</p>
            {runs.map((run) => (
              <Run key={run.key} run={run} />
            ))}
          </div>
        )}
      </details>
    </li>
  );
}

function Run({ run: { name, pair, answers, verdicts } }: { readonly run: AnswerRun }): ReactElement {
  return (
    <section aria-label={name}>
      <h4>{name}</h4>
      {pair !== null && (
        <p className="contest__note">
          {PERSONA_NAMES.agent1}: {pair.persona1}
          <br />
          {PERSONA_NAMES.agent2}: {pair.persona2}
        </p>
      )}
      <div className="contest-answers">
        {answers.map((piece) => (
          <Answer key={piece.contestant} piece={piece} />
        ))}
      </div>
      {verdicts.length > 0 && (
        <ul className="contest-verdicts" aria-label="Verdicts">
          {verdicts.map((piece) => (
            <Verdict key={`${piece.left} ${piece.right} ${piece.aspect}`} piece={piece} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Answer({ piece }: { readonly piece: DialoguePiece }): ReactElement {
  const { contestant, record } = piece;
  const answer = record.completion?.text.trim() ?? '';
  return (
    <article className="contest-answer">
      <h5>
        {contestant} <span className="contest__note">{outcomeText(piece)}</span>
      </h5>
      <p className="contest-answer__text">{answer === '' ? 'No answer.' : answer}</p>
      {record.utterances.length > 0 && (
        <details>
          <summary>Dialogue, {record.utterances.length} utterances</summary>
          {record.utterances.map(({ role, turn, text }) => (
            <p key={`${role} ${turn}`} className="contest-answer__said" data-actor={role}>
              <span>
                <ActorMark actor={role} /> {PERSONA_NAMES[role]}
              </span>
              {text.trim()}
            </p>
          ))}
        </details>
      )}
    </article>
  );
}

function Verdict({ piece }: { readonly piece: PairwisePiece }): ReactElement {
  const { pair, aspect, result, isCounted, orders } = verdictText(piece);
  return (
    <li>
      {pair}, {aspect}: <strong data-counted={isCounted}>{result}</strong>
      <small>{orders.join('; ')}</small>
    </li>
  );
}
