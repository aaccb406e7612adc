/**
 * Interpersonal & Relational, first part: keeping the peace or being straight, between people who have a history or unequal
 * power. All written for Duet.
 */
import type { DilemmaText } from './dilemma-text.ts';

export const INTERPERSONAL_DILEMMAS: readonly DilemmaText[] = [
  {
    id: 'nephew-restaurant-savings',
    goal: 'Warn about a family investment',
    prompt:
      'Your father-in-law, who once lent you the deposit for your flat, wants to put his savings into his nephew’s restaurant. You have seen the figures and doubt that it lasts a year, but the whole family has celebrated the plan for months. Do you tell him?',
  },
  {
    id: 'choir-leader-farewell',
    goal: 'Dampen a farewell concert',
    prompt:
      'The choir leader who taught you for free as a teenager wants you to sing the solo at her farewell concert. Her hearing has faded, the programme is too hard for the choir, and the others whisper about it. Do you tell her before it is printed?',
  },
  {
    id: 'sister-wedding-savings',
    goal: 'Speak about wedding costs',
    prompt:
      'Your younger sister, who has always felt second to you, plans a wedding that will use up what your parents saved for old age. They smile, and they tell you in private that they cannot refuse her. Do you talk to your sister?',
  },
  {
    id: 'flatmate-two-thirds',
    goal: 'Question a flatmate’s share',
    prompt:
      'Your flatmate took you in when you had nothing, and since then you have paid her half of the rent, or so you thought. By chance you learn that it covers two thirds, now that she has lost her job. Do you confront her?',
  },
  {
    id: 'grandmother-magazine-recipes',
    goal: 'Reveal the borrowed recipes',
    prompt:
      'Your grandmother is ninety, and the village will honour her for the recipes that made her kitchen famous. In her attic you find the magazine of 1957 from which she copied most of them, and your cousin wants to print them as hers. Do you tell the family?',
  },
  {
    id: 'brother-third-loan',
    goal: 'Lend money once again',
    prompt:
      'Your brother raised you after your mother left, and he asks you for the third loan in two years. You can afford it, but after the last one you and your partner agreed that there would be no more. Do you lend it to him?',
  },
  {
    id: 'closing-department-house',
    goal: 'Warn a trusted colleague',
    prompt:
      'Your manager has told you in confidence that the department closes in March, and she relies on your silence. The colleague with whom you have had lunch for eight years is about to sign the contract for a house. Do you warn him?',
  },
  {
    id: 'niece-secret-painting',
    goal: 'Keep a niece’s secret',
    prompt:
      'Your niece, sixteen, has quietly left the orchestra, spends her afternoons painting, and begs you not to tell. Her father, your brother, still pays for the lessons from a second job and speaks of them with pride. Do you keep it to yourself?',
  },
  {
    id: 'friend-dull-novel',
    goal: 'Judge a friend’s novel',
    prompt:
      'A friend of twenty years gives you the novel for which she left her job, a week before it goes to publishers. You find it dull, and she is the one who sat with you every evening during your divorce. Do you tell her what you think?',
  },
  {
    id: 'helpful-neighbour-roosters',
    goal: 'Sign a neighbour complaint',
    prompt:
      'Your neighbour mowed your lawn and drove you to the clinic all year. The young families in the house ask you to sign a letter against his two roosters, which wake their babies at four and which he raised by hand. Do you sign?',
  },
  {
    id: 'mother-moving-in',
    goal: 'Invite mother to move in',
    prompt:
      'Your mother wants to live with you, as her mother lived with her, and your relatives regard a home for the aged as abandonment. For thirty years the two of you have quarrelled on the third day of every visit. Do you say yes?',
  },
  {
    id: 'birthday-without-brother',
    goal: 'Attend a divided birthday',
    prompt:
      'Your father has not spoken to your brother since he left the family firm ten years ago. Now he turns seventy and invites you alone, and your mother says that your coming could be the first step towards peace. Do you go without your brother?',
  },
  {
    id: 'bicycle-shop-dinners',
    goal: 'Question a partner’s expenses',
    prompt:
      'You and a school friend own a bicycle shop in equal parts. Since her separation her private dinners have appeared in the shop’s books, small sums that bother you, while she works the longer hours. Do you bring it up?',
  },
  {
    id: 'founding-drummer',
    goal: 'Replace the founding drummer',
    prompt:
      'Your band has played together since school, and the drummer, who founded it and owns the van, no longer keeps time. A large festival invites you on the condition that you bring another drummer for the evening. Do you accept?',
  },
  {
    id: 'interrupting-boss',
    goal: 'Tell a boss she interrupts',
    prompt:
      'Your boss, who has promoted you twice, talks over the two newest colleagues in every meeting and does not notice. They ask you to tell her because she listens to you, and this week she decides on your sabbatical. Do you tell her now?',
  },
  {
    id: 'grandfather-cigarettes',
    goal: 'Bring forbidden cigarettes',
    prompt:
      'Your grandfather, eighty-six, asks you to bring him the cigarettes that your aunt, who looks after him every day, has banned from the house. He calls it the last decision that is still his own. Do you bring them?',
  },
  {
    id: 'anniversary-separated-couple',
    goal: 'Invite separated friends',
    prompt:
      'The couple who introduced you to your wife have separated bitterly, and each of them says that one evening with the other is impossible. Both were at your side for fifteen years, and your anniversary dinner is next month. Whom do you invite?',
  },
  {
    id: 'supervisor-school-run',
    goal: 'Refuse a supervisor’s errands',
    prompt:
      'Your supervisor, whose letter decides about your fellowship, now and then asks you to fetch her son from school, always kindly and with cake as thanks. Your fellow students have begun to joke about it, and last week she asked one of them too. Do you say no the next time?',
  },
  {
    id: 'birth-mother-letter',
    goal: 'Deliver a birth mother’s letter',
    prompt:
      'A letter from her birth mother, for which your adopted daughter has hoped for years, arrives one week before her final exams. She already sleeps badly, and you once promised that you would never hide anything from her. Do you give it to her now?',
  },
  {
    id: 'aunt-house-shares',
    goal: 'Divide an aunt’s house',
    prompt:
      'Your aunt left her house to you and your cousin in equal shares. You cared for her for six years while he sent postcards, and he needs the money far more than you do. Do you ask him for a larger share?',
  },
];
