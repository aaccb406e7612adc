/** Interpersonal & Relational, second part. All written for Duet. */
import type { DilemmaText } from './dilemma-text.ts';

export const MORE_INTERPERSONAL_DILEMMAS: readonly DilemmaText[] = [
  {
    id: 'friend-cafe-column',
    goal: 'Review a friend’s café',
    prompt:
      'You write the restaurant column of a small town’s paper, and your oldest friend has opened a café with borrowed money. The food is mediocre, she has already told everyone that you will come, and leaving it out would be noticed. Do you review it as you found it?',
  },
  {
    id: 'stepson-school-report',
    goal: 'Keep a stepson’s confidence',
    prompt:
      'You married a widower three years ago, and his son of fifteen has only just begun to trust you. The boy confesses that he signed a bad school report himself and asks you to stay silent while he puts it right. Do you tell your husband?',
  },
  {
    id: 'promised-family-ring',
    goal: 'Offer back the ring',
    prompt:
      'Your mother-in-law gave you the ring that she had promised to her own daughter when they were on better terms. Your sister-in-law has never said a word about it, but she no longer comes on Sundays. Do you offer it to her?',
  },
  {
    id: 'rowing-teammate-reference',
    goal: 'Vouch for an old teammate',
    prompt:
      'A teammate from your rowing years, who took the blame when you once missed a race, asks you to recommend him at your firm. He is gifted, and you know that he left two employers after loud quarrels. Do you recommend him?',
  },
  {
    id: 'neighbour-girl-sweets',
    goal: 'Name the real culprit',
    prompt:
      'You saw the girl next door, whose mother watches your twins every Friday, take sweets from the corner shop. The shopkeeper blames another child, whom you hardly know, and the girl’s parents are strict and proud. Whom do you tell?',
  },
  {
    id: 'friends-costly-trips',
    goal: 'Discuss money among friends',
    prompt:
      'Four friends from school travel together every summer, and the one who now earns three times as much chooses hotels that the others can hardly pay. The quietest of them asks you to help her find an excuse instead of speaking about money. Do you raise it with the group?',
  },
  {
    id: 'apprentice-roof-advice',
    goal: 'Contradict the master roofer',
    prompt:
      'As an apprentice you hear your master tell a widow that her roof must be replaced, where you believe that a repair would hold for years. He may be right, he taught you all you know, and he hates to be contradicted before customers. Do you say something in front of her?',
  },
  {
    id: 'fiance-paid-debts',
    goal: 'Disclose a fiancé’s past',
    prompt:
      'Your cousin is about to marry a man to whom you introduced her and who told you in confidence of gambling debts that he has since paid off. Over tea she asks whether there is anything that she should know about him. Do you tell her?',
  },
  {
    id: 'client-gives-piano',
    goal: 'Accept a client’s piano',
    prompt:
      'For twelve years you have cleaned for an old gentleman, and he insists on giving you his late wife’s piano because you listen when he plays. Nothing forbids it, but his children, who visit at the New Year, all learned on it. Do you take it?',
  },
  {
    id: 'second-offer-abroad',
    goal: 'Move for a partner’s career',
    prompt:
      'Five years ago your partner turned down a post abroad so that you could finish your training. She now has the offer a second time, and your father, whose memory is fading, calms down only when you sit with him. Do you move with her?',
  },
  {
    id: 'twin-sons-loan',
    goal: 'Judge between twin sons',
    prompt:
      'Your grown twin sons have fallen out over a loan for which there is no paper, and you remember one conversation that supports the younger. The elder, who does your shopping every week, says that your silence means siding with his brother. Do you say what you remember?',
  },
  {
    id: 'handball-welcome-song',
    goal: 'Drop a team ritual',
    prompt:
      'New players of your handball club sing a silly song in the canteen, a custom that the captain, your friend since childhood, loves. A shy newcomer who is still learning the language asks you whether she has to. Do you ask the captain to drop it?',
  },
  {
    id: 'late-friend-laptop',
    goal: 'Unlock a late friend’s laptop',
    prompt:
      'The parents of a friend who died ask you to unlock his laptop, so that they can find photos for the memorial. You know the password, and he told you once that there were letters on it that they should never read. Do you unlock it for them?',
  },
  {
    id: 'flooded-workshop-repayment',
    goal: 'Ask a friend for repayment',
    prompt:
      'Two years ago you lent a friend three months’ wages with a handshake, when his workshop was flooded. Business is good again, he has never mentioned the money, and he has just asked you to be godmother to his child. Do you bring it up?',
  },
  {
    id: 'first-doctor-of-family',
    goal: 'Confess a change of plans',
    prompt:
      'An uncle abroad, who supports eleven relatives, pays for your medical studies and calls you the first doctor of the family. In your fourth year you are certain that you want to teach instead. Do you tell him before you graduate?',
  },
  {
    id: 'unequal-grandchildren-gifts',
    goal: 'Challenge unequal presents',
    prompt:
      'Your mother-in-law minds your children three days a week for nothing, and she gives your son far better presents than his stepsister. The girl has begun to notice, and your mother-in-law says that she treats each child as she feels. Do you make an issue of it?',
  },
  {
    id: 'former-colleague-rumours',
    goal: 'Answer a delicate question',
    prompt:
      'A friend who left your firm after a quarrel asks you whether your boss speaks ill of him to other companies. He does so now and then, and he is about to hand his post over to you. What do you answer?',
  },
  {
    id: 'widow-stove-promise',
    goal: 'Break a neighbour’s promise',
    prompt:
      'The widow next door, who taught you to read, has left her stove on twice this month. She made you promise not to tell her son, who would move her to a city where she knows nobody. Do you call him?',
  },
  {
    id: 'family-mill-legend',
    goal: 'Correct a family legend',
    prompt:
      'At every reunion your great-uncle tells how his father rescued the village mill. In the archive you have read that he bought it for a fraction of its worth from neighbours in need, and their grandchildren are friends of your family today. Do you tell him what you found?',
  },
  {
    id: 'noodle-shop-weekends',
    goal: 'Leave the family noodle shop',
    prompt:
      'Your parents’ noodle shop depends on your unpaid weekends, as it did on your elder sister’s until she left in anger. They have never asked whether you like it, and your father has been slow since his illness last winter. Do you tell them that you want to stop?',
  },
];
