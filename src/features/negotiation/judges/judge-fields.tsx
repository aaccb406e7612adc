import '@/ui/kind-cards.css';
import './judges.css';
import { useId, type ReactElement } from 'react';
import { assertNever } from '@/lib/assert.ts';
import type { JudgeForm, JudgeKind } from '@/state/judge-form.ts';
import { EndpointFields } from './endpoint-fields.tsx';
import { EngineAdvice } from './engine-advice.tsx';
import { JUDGE_KINDS } from './judge-texts.ts';
import { RuleFields } from './rule-fields.tsx';
import { WebLlmFields } from './web-llm-fields.tsx';

export interface JudgeFieldsProps {
  readonly form: JudgeForm;
  /** Of the server; kept apart from the form. */
  readonly apiKey: string;
  readonly onChange: (change: Partial<JudgeForm>) => void;
  readonly onKey: (key: string) => void;
}

export const KINDS = Object.entries(JUDGE_KINDS).map(([kind, text]) => ({ kind: kind as JudgeKind, ...text }));

/** The kinds of judges as cards, with the fields of the one that is chosen. */
export function JudgeCards(props: JudgeFieldsProps): ReactElement {
  const { form, onChange } = props;
  const name = useId();
  return (
    <fieldset className="kind-cards">
      <legend className="visually-hidden">Who judges</legend>
      {KINDS.map(({ kind, name: title, what, cost, trust }) => (
        <div className="kind-card" key={kind} data-chosen={form.kind === kind}>
          <label>
            <input
              type="radio"
              name={name}
              aria-label={title}
              aria-describedby={`${name}-${kind}`}
              checked={form.kind === kind}
              onChange={() => onChange({ kind })}
            />
            <span id={`${name}-${kind}`}>
              <strong>{title}</strong>
              <span>{what}</span>
              <span className="judge-card__facts">
                Costs {cost}. Trust: {trust}.
              </span>
            </span>
          </label>
          {form.kind === kind && <KindFields {...props} />}
        </div>
      ))}
    </fieldset>
  );
}

/** What the chosen kind has to be told; nothing for some. */
export function KindFields(props: JudgeFieldsProps): ReactElement | null {
  switch (props.form.kind) {
    case 'engine':
      return <EngineAdvice />;
    case 'endpoint':
      return <EndpointFields {...props} />;
    case 'webLlm':
      return <WebLlmFields {...props} />;
    case 'rule':
      return <RuleFields {...props} />;
    case 'human':
      return null;
    default:
      return assertNever(props.form.kind);
  }
}
