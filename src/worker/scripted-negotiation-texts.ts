/** What the scripted engine's two sides say, think and conclude, and its vocabulary: one id per piece of text. */
import { at } from '@/lib/assert.ts';
import type { NegotiationRole } from '@/protocol/negotiation-run.ts';

const ids = new Map<string, number>();
const texts: string[] = [];

/** Words with the space or line ends before them. */
export function piecesOf(text: string): readonly string[] {
  return text.match(/\n+|\s?[^\s]+/g) ?? [];
}

export function idOf(piece: string): number {
  const known = ids.get(piece);
  if (known !== undefined) return known;
  ids.set(piece, texts.length);
  texts.push(piece);
  return texts.length - 1;
}

export function scriptedDetokenize(tokenIds: readonly number[]): Promise<string> {
  return Promise.resolve(tokenIds.map((id) => texts[id] ?? '\uFFFD').join(''));
}

/** Of one dialogue; the last text of a list is said again when more are asked for. */
export interface ScriptedCourse {
  readonly agent1: readonly string[];
  readonly agent2: readonly string[];
  readonly thoughts: readonly string[];
  /** The turn in which they agree; null: never. */
  readonly agreesIn: number | null;
  readonly completion: string;
  /** The judge's expected score; null: its answer cannot be read. */
  readonly score: number | null;
}

export const COURSES: readonly ScriptedCourse[] = [
  {
    agent1: [
      'I would decide by what can be counted. The plain way has the smaller expected harm: a mistake that is found late costs more than an uncomfortable hour today, and we can estimate both.',
      'Your point about the family is fair, and it has a price that I can put into the sum. I propose to do the plain thing, but only after an hour of talking with those whom it touches.',
    ],
    agent2: [
      'Numbers leave out how it feels to be told. They trusted us with a request, and a decision over their heads would hurt people who have to live with each other afterwards. Let us ask them first.',
      'I agree to that plan. An hour of talking gives them time to be heard, and then we do the plain thing together.',
    ],
    thoughts: [
      'He counts harm, but he has not said what he would do about the trust. I could ask for time instead of a different end.',
      'An hour of talking is what I wanted. I can say yes to this.',
    ],
    agreesIn: 2,
    completion:
      'Take one hour with the people whom it touches, explain the choice and listen to their reasons. Then do the plain thing, openly, and stay with them afterwards. This keeps the facts and the trust: nobody is kept from knowing what concerns them, and nobody learns it alone.',
    score: 3.84,
  },
  {
    agent1: [
      'I propose a rule that both of us can check: do what is right in three of four such cases, write down why, and review it after a month.',
    ],
    agent2: [
      'I agree with your proposal, as long as the people concerned can see the reasons and object before the month is over.',
    ],
    thoughts: ['A rule with a review leaves room for feelings. That is enough for me.'],
    agreesIn: 1,
    completion:
      'Follow a simple rule that is written down and shown to everyone concerned, hear their objections, and review it after one month.',
    score: null,
  },
  {
    agent1: [
      'The figures speak for acting now. Waiting has a cost that grows every day, and nobody has shown me a benefit that is larger than it.',
      'I still do not see a number on your side. I act now.',
      'There is nothing new in that. My decision stands: act now, and explain it later.',
    ],
    agent2: [
      'I cannot accept that. You speak of costs and do not mention the people who carry them. I want to wait until everyone has been heard.',
      'You do not listen, and neither would they if we treat them like this. I wait.',
      'Then we do not agree. I will not carry a decision that nobody was asked about.',
    ],
    thoughts: [
      'He has not mentioned a single person yet. I should not give in to a sum.',
      'The same again. I keep to my view.',
    ],
    agreesIn: null,
    completion: '',
    score: 0,
  },
  {
    agent1: [
      'Let us list the options with their chances. The first one succeeds in about six of ten cases, the second one in about four, so I lean to the first.',
      'If the first one is too cold for you, add a safeguard: whoever objects can stop it within a day.',
      'I take your wording: the first option, a day to object, and a named person who answers questions.',
    ],
    agent2: [
      'Six of ten still leaves four families without an answer. I would rather take the way that nobody has to be ashamed of.',
      'A day is short for somebody who is afraid. Name a person whom they can talk to, and I could live with it.',
      'Yes, I agree to this plan.',
    ],
    thoughts: [
      'Six of ten. What about the four? That is my opening.',
      'The safeguard is something. I should ask for a person, not only a rule.',
      'He took it. Agree.',
    ],
    agreesIn: 3,
    completion:
      'Choose the option with the better chances, leave everyone concerned a day to object, and name one person who answers their questions. It is the better bet, and it stays open to correction.',
    score: 2.12,
  },
];

/** What is said in a branch, after the sentence that a person has changed. */
export const AFTER_AN_EDIT: readonly string[] = [
  'That changes the picture. I can work with it, if we also say openly what we do not know.',
  'Then I agree to the plan as you put it now.',
];

export function courseOf(row: number): ScriptedCourse {
  return at(COURSES, row % COURSES.length);
}

/** @param turn  from 1 on */
export function spokenIn({ agent1, agent2 }: ScriptedCourse, role: NegotiationRole, turn: number): string {
  const said = role === 'agent1' ? agent1 : agent2;
  return at(said, Math.min(turn, said.length) - 1);
}

export function thoughtIn({ thoughts }: ScriptedCourse, turn: number): string {
  return at(thoughts, Math.min(turn, thoughts.length) - 1);
}

export interface InventedDilemma {
  readonly goal: string;
  readonly prompt: string;
}

export const INVENTED_DILEMMAS: readonly InventedDilemma[] = [
  {
    goal: 'Share a scarce night shift',
    prompt:
      'You plan the night shifts of a small fire station, and the one volunteer who never complains has done twice his share. Asking the others would cost you two of them, who have small children. Do you change the plan?',
  },
  {
    goal: 'Return a mistaken refund',
    prompt:
      'A friend was paid back a concert ticket twice and asks you to keep quiet, since the organiser is large and would not notice. The money is what she needs for the dentist. Do you tell her to give it back?',
  },
  {
    goal: 'Name the quiet author',
    prompt:
      'A colleague wrote the best part of your report and asked not to be named because he dislikes attention. Your manager wants to promote whoever wrote it. Do you name him?',
  },
  {
    goal: 'Keep the old orchard',
    prompt:
      'Your village owns an orchard that brings in nothing, and a carpenter would build six cheap flats on it. The oldest neighbour walks there every morning. Do you vote for the flats?',
  },
];
