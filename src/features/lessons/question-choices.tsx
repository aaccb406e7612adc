import type { ReactElement } from 'react';
import type { QuestionStep } from './lesson.ts';
import { RichText } from './rich-text.tsx';
import type { LessonInHand } from './use-lesson.ts';

interface QuestionChoicesProps {
  readonly hand: LessonInHand;
  readonly step: QuestionStep;
}

/** Every choice says at once why it is right or what it overlooks; another can be tried. */
export function QuestionChoices({ hand, step }: QuestionChoicesProps): ReactElement {
  const chosen = hand.progress.answers[step.id];
  const choice = chosen === undefined ? undefined : step.choices[chosen];
  return (
    <fieldset className="lesson-question">
      <legend className="visually-hidden">
        <RichText text={step.text.join(' ')} />
      </legend>
      {step.choices.map(({ text }, index) => (
        <label key={text} data-chosen={index === chosen}>
          <input type="radio" name={step.id} checked={index === chosen} onChange={() => hand.answer(index)} />
          <span>{text}</span>
        </label>
      ))}
      <p className="lesson-question__feedback" role="status" data-right={choice?.isRight === true}>
        {choice !== undefined && <RichText text={choice.feedback} />}
      </p>
    </fieldset>
  );
}
