/** What the scripted engine thinks and writes. */

export interface ScriptedTurn {
  readonly thoughts: string;
  readonly answer: string;
}

const FIRST: ScriptedTurn = {
  thoughts: `The user asks about the capital of France. France is a country in western Europe. Its capital is the city where the government sits.

The government of France sits in Paris. The president lives in the Élysée Palace, which is in Paris too. So the capital is Paris.

I should answer with one sentence, and then perhaps add where Paris lies. Paris lies on the Seine, in the north of the country. It has about two million people.

That is enough. I could mention that it has been the capital for many centuries, with a few breaks.`,
  answer: `The capital of France is Paris.

Paris lies on the river Seine in the north of the country. The government and the president have their seats there, and about two million people live in the city.`,
};

const LATER: ScriptedTurn = {
  thoughts: `The user asks on. The earlier answer named Paris, so the question is about another capital now.

Italy is governed from Rome. Rome has been the capital since 1871, after Turin and Florence.`,
  answer: `The capital of Italy is Rome. It has been the capital since 1871.`,
};

/** What a remark adds to both streams. */
export const REMARK_THOUGHTS = '\n\nThe user adds something. I take it up in the answer.';
export const REMARK_ANSWER = '\n\nAs you ask, in short: Paris.';

export function scriptedTurn(turn: number): ScriptedTurn {
  return turn === 0 ? FIRST : LATER;
}

/** The script's tokens: words with the space in front of them, and line ends. */
export function wordsOf(text: string): string[] {
  return text.match(/\n+|\s?[^\s]+/g) ?? [];
}
