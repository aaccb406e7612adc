/**
 * Answers of plainly different quality to judge a judge by: three to each of four dilemmas, much alike in length and tone, so
 * that neither tells them apart. All written for Duet; so is the order, which follows the rubric of `templates-judge.ts`.
 */
import { at } from '@/lib/assert.ts';
import type { JudgedAnswer } from '../negotiation-api.ts';
import { DILEMMAS } from './dilemmas.ts';
import { PERSONA_PAIRS } from './persona-pairs.ts';

export const ANSWER_LEVELS = ['good', 'middling', 'bad'] as const;
/** 'good': what both sides want is joined; 'middling': each gives something up; 'bad': one side is overruled. */
export type AnswerLevel = (typeof ANSWER_LEVELS)[number];

export interface CalibrationAnswer {
  /** The dilemma's id and the level. */
  readonly id: string;
  readonly dilemmaId: string;
  /** Of the dilemma, a few words. */
  readonly goal: string;
  readonly level: AnswerLevel;
  readonly answer: JudgedAnswer;
}

interface Written {
  readonly dilemma: string;
  readonly pair: string;
  readonly completions: Readonly<Record<AnswerLevel, string>>;
}

const WRITTEN: readonly Written[] = [
  {
    dilemma: 'bridge-doubtful-sensor',
    pair: 'caution-boldness',
    completions: {
      good: 'Keep the bridge open at walking pace tonight, one vehicle at a time, while two of us read the neighbouring sensors and look at the joint by hand within the hour. The clinic gets a direct line to us and moves its urgent patients across first. If the inspection confirms the reading, we close and the ferry runs; either way the crew learns to check a sensor themselves, and the island helps to write the rule for next time.',
      middling:
        'Close the bridge for the night and open it again in the morning if the reading has not got worse. Patients who need the clinic before then can ask the fire brigade for the boat. It is not ideal for anybody: the island loses some hours and we carry some risk tomorrow, but each side gets about half of what it wanted, and the sensor can be looked at properly on Monday when the workshop is open.',
      bad: 'Close the bridge until Monday and say nothing about the reason, because people who know about the sensor would only argue with us. The clinic should have planned for such a case, and it is not our task to think of its patients. Whoever among the staff disagrees can put it in writing afterwards; tonight the engineer on duty decides alone, and the island has to live with it as it always has.',
    },
  },
  {
    dilemma: 'flatmate-two-thirds',
    pair: 'logic-feelings',
    completions: {
      good: 'Tell her over a quiet dinner what you found, that you are hurt, and that you have not forgotten who took you in. Then put the lease, both incomes and her job search on the table together, and agree on a share that follows what each earns until she works again, written down and looked at every two months. She keeps her home and her dignity, you get the truth back, and both of you learn to talk about money early.',
      middling:
        'Say that you know about the two thirds, and agree to leave it as it is until she has found work, and to pay half after that. You will feel a little cheated and she will feel a little watched, but it is fair enough in a bad month. Neither needs to go into the reasons now, and talking about feelings would take longer than either of you has patience for. It stays a compromise.',
      bad: 'Stop paying at once and let her find out from the landlord, since she was not honest with you either. Now that she has no job she cannot afford to argue, so this is the right moment to set new terms: she pays the larger part from here on or moves out by the end of the month. Do not explain how you learned of it. What she did for you earlier was her own choice and counts for nothing.',
    },
  },
  {
    dilemma: 'choir-leader-farewell',
    pair: 'tradition-disruption',
    completions: {
      good: 'Go to see her before the programme is printed, with one friend whom she trusts, and tell her plainly that the pieces are too hard for us and that we worry about her hearing. Ask her which three songs she would not do without, keep those in her setting, and let two young singers whom she picks lead new ones beside her. She shapes her farewell knowing the truth, the choir sings what it can, and what she taught goes on.',
      middling:
        'Suggest to her that two of the hardest pieces be left out, giving the short rehearsal time as the reason, and sing the rest as well as you can. She keeps most of the concert that she has in mind, and the choir is spared the worst of it. The whispering will not stop altogether, and she will not learn what people really think, but everybody gives way a little and the evening can take place.',
      bad: 'Have the committee change the programme behind her back and show it to her when it is printed, so that there is nothing left to discuss. She cannot hear the difference any more in any case. If she objects, remind her that the choir can also do without her and that somebody else is ready to conduct. The others should keep quiet about it until then, and you sing the solo as if nothing had happened.',
    },
  },
  {
    dilemma: 'shared-thermostat',
    pair: 'own-gain-community',
    completions: {
      good: 'Leave the dial alone tonight, put on a jumper, and write to all five flats that you are cold and want to find out why. Read the meters together on Saturday, seal the draughty windows, and give each flat its own valve with a cap that the family upstairs agrees to, paid from what the sealing saves. You get warm, they pay less than before, and from now on everyone can see the readings and speak up early.',
      middling:
        'Turn it up by half a degree and mention it in the app a few days later. You will still be a little cold and the family upstairs will pay a little more, but the difference is small and nobody has to hold a meeting about it. If somebody complains, it goes back to where it was. Splitting the difference is what neighbours usually do, and the question of the old windows can wait for another winter.',
      bad: 'Turn it up tonight and say that it was the landlord if anyone asks, since nobody can see who did it. The family upstairs saves every coin because it wants to, and its bill is not your concern. Should they turn it down again, change the password of the app so that only you can set it. In a house like this the one who acts first has what he wants, and the others get used to it.',
    },
  },
];

export const CALIBRATION_ANSWERS: readonly CalibrationAnswer[] = WRITTEN.flatMap(({ dilemma, pair, completions }) => {
  const { goal, prompt } = at(
    DILEMMAS.filter(({ id }) => id === dilemma),
    0,
  );
  const { persona1, persona2 } = at(
    PERSONA_PAIRS.filter(({ id }) => id === pair),
    0,
  );
  return ANSWER_LEVELS.map((level) => ({
    id: `${dilemma} ${level}`,
    dilemmaId: dilemma,
    goal,
    level,
    answer: { dilemma: prompt, persona1, persona2, completion: completions[level] },
  }));
});
