import type { ReactElement } from 'react';

const DEPARTURES = [
  'The model is smaller, its weights are quantised, and the adapter (LoRA) is f32. The paper trains Qwen3-14B; its rank and targets are not stated.',
  'Groups are smaller, dialogues shorter, unless the preset “Paper” is chosen.',
  'The judge is this model itself, by the expected value of its digits, unless you choose another one. The paper’s is GPT-4o-mini.',
  'The prompts of the negotiators, of the answer and of the comparisons are ours: the paper does not print them.',
  'Each utterance is a row of its own under what its speaker saw, so its probability is exact.',
  'Whose words are trained is a setting. The paper leaves it open; persona 1 is the default.',
  'The clip range 0.2, the deviation (n − 1, plus 0.0001) and the loss are TRL’s. With one update a step nothing is clipped.',
  'A step whose groups all have equal rewards makes no update.',
  'One run is one seed. Repeat it with others before you believe a difference.',
];

/** What differs from arXiv 2603.10476. */
export function Departures(): ReactElement {
  return (
    <details className="training-form__advanced">
      <summary>Where this departs from the paper</summary>
      <ul className="training-form__list">
        {DEPARTURES.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </details>
  );
}
