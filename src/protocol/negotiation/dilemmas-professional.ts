/** Professional & High-Stakes: two valid principles pull apart, and no law settles it. All written for Duet. */
import type { DilemmaText } from './dilemma-text.ts';

export const PROFESSIONAL_DILEMMAS: readonly DilemmaText[] = [
  {
    id: 'interpreter-blunt-diagnosis',
    goal: 'Interpret a blunt diagnosis',
    prompt:
      'You interpret in a hospital for an old man whose children asked you beforehand to avoid the word cancer, as is usual where they come from. He asks the doctor directly how serious it is, and the answer is blunt. Do you translate it word for word or soften it as the family asked?',
  },
  {
    id: 'bridge-doubtful-sensor',
    goal: 'Close bridge on doubtful reading',
    prompt:
      'You are the engineer on duty for an old river bridge, and one of its forty sensors shows a reading that is most likely a fault. Closing the bridge until Monday cuts the only road from the island to the dialysis clinic. Do you close it tonight?',
  },
  {
    id: 'essay-two-points-short',
    goal: 'Raise a borderline exam mark',
    prompt:
      'A student who nursed her mother all year is two points short of a place at the technical college. You mark the essays, where colleagues often differ by that much, and everyone else was marked without regard to their troubles. Do you raise her mark?',
  },
  {
    id: 'village-well-report',
    goal: 'Publish an unconfirmed warning',
    prompt:
      'Your newspaper has measured too much solvent in the wells of a village, but the laboratory needs three weeks to confirm it. A report now could protect families, or empty the small guest houses in their only season because of an error. Do you publish before the confirmation?',
  },
  {
    id: 'shelter-dog-operation',
    goal: 'Spend shelter money on surgery',
    prompt:
      'Your animal shelter can pay 2,400 euros for an operation that would give one gentle old dog two more good years. The same money would vaccinate and neuter sixty stray cats before winter. Do you have the dog operated on?',
  },
  {
    id: 'pharmacy-reserved-inhalers',
    goal: 'Ration the reserved inhalers',
    prompt:
      'A supply gap leaves your pharmacy with nine inhalers for the week, all of them reserved by regular customers over the phone. A seasonal farm worker whom you have never seen asks for one, short of breath but in no danger. Do you sell him a reserved one?',
  },
  {
    id: 'town-hall-staircase',
    goal: 'Redesign a historic entrance',
    prompt:
      'You are restoring a town hall whose carved staircase won the town its restoration grant. A ramp that lets wheelchair users in by the main door would destroy a third of the carving; a side entrance would leave it whole. Which entrance do you plan?',
  },
  {
    id: 'flood-claim-without-receipts',
    goal: 'Pay an undocumented flood claim',
    prompt:
      'You divide a fixed relief fund among the shops that a flood has ruined. A tailor, honest as far as you can tell, lost his receipts together with his cloth, and paying him in full lowers what the owners with complete papers receive. Do you pay him in full?',
  },
  {
    id: 'sleep-therapy-trial',
    goal: 'Stop a promising trial early',
    prompt:
      'Halfway through a study, a new sleep therapy looks helpful, but the numbers are too small to be sure. Stopping now gives it to the comparison group this year, while finishing gives many later patients evidence that they can rely on. Do you stop the study?',
  },
  {
    id: 'late-alarm-release',
    goal: 'Release software with known flaw',
    prompt:
      'An update of the diabetes diary that your team maintains closes a privacy leak which strangers could use today. In tests, one reminder in five thousand now arrives some minutes late, and a clean version takes two more weeks. Do you release the update now?',
  },
  {
    id: 'village-doctor-diaries',
    goal: 'Open a private diary archive',
    prompt:
      'The archive that you run has inherited the diaries of a village doctor who died fifty years ago. Historians have waited for them, yet they name the illnesses of patients whose grandchildren still live in the same streets. Do you open the diaries to readers?',
  },
  {
    id: 'midfielder-sore-knee',
    goal: 'Play the hurting midfielder',
    prompt:
      'You coach a youth team in a final that scouts have come to watch. Your best midfielder, sixteen, says that her knee feels fine, and the physiotherapist calls it a close call that she leaves to you. Do you let her start?',
  },
  {
    id: 'mediator-confidential-limit',
    goal: 'Hint at a confidential limit',
    prompt:
      'As mediator between a landlord and nine tenants you learned in confidence that he would settle for half of what he demands. The tenants, tired and without advice, are about to accept the full sum. Do you suggest that they take another day to think?',
  },
  {
    id: 'food-bank-fresh-milk',
    goal: 'Share out the fresh milk',
    prompt:
      'Your food bank has fresh milk for forty of the ninety families at the door. A plain queue treats all alike but favours those who can wait for hours; choosing those with toddlers means that people must prove their need in public. How do you hand it out?',
  },
  {
    id: 'one-rescue-helicopter',
    goal: 'Send the only rescue helicopter',
    prompt:
      'You dispatch the only rescue helicopter in the valley. A climber with a broken leg will survive the night but may lose his foot, and three skiers are overdue who probably sit in a hut without reception. Where do you send it?',
  },
  {
    id: 'evening-course-chatbot-essays',
    goal: 'Accuse on weak evidence',
    prompt:
      'Four essays in your evening course share odd phrases, and you suspect that a chatbot wrote them. For one of the authors a failed course would end the scholarship that brought her here, and your evidence might not convince a committee. Do you open a procedure against all four?',
  },
  {
    id: 'loyal-deputy-or-outsider',
    goal: 'Appoint the ward leader',
    prompt:
      'The deputy of a hospital ward has held it together through eleven hard years and now applies to lead it. An outside candidate did better in every part of the selection, and the nurses say that they stayed because loyalty counts here. Whom do you appoint?',
  },
  {
    id: 'leaning-oaks-kindergarten',
    goal: 'Fell two ancient oaks',
    prompt:
      'Two oaks of three hundred years lean over the path of a forest kindergarten, and experts put the chance of a fall at one in a thousand each year. The trees shelter the last bat colony of the district, and the path has no good alternative. Do you have them felled?',
  },
  {
    id: 'museum-ceremonial-drum',
    goal: 'Lend out a fragile drum',
    prompt:
      'A mountain community asks your museum to lend it a ceremonial drum that its ancestors made and sold. It wants to play the drum at its festival, which will slowly wear it out, while your vault would keep it perfect for researchers for centuries. Do you lend it?',
  },
  {
    id: 'hospice-one-hour-visit',
    goal: 'Wake a peacefully sleeping patient',
    prompt:
      'A patient in your hospice is sleeping without pain for the first time in days. His brother has come from overseas and has a single hour before his flight back, and waking the patient will bring the pain back. Do you wake him?',
  },
  {
    id: 'bakery-night-line',
    goal: 'Close the losing night shift',
    prompt:
      'The night shift of your bakery employs fourteen people, most of them over fifty, and makes a loss that the day shift covers. Closing it would allow the first pay rise in four years for the other forty. Do you close it?',
  },
  {
    id: 'canteen-data-dropout-model',
    goal: 'Keep using canteen data',
    prompt:
      'A program in your school network finds pupils who are about to drop out from their canteen payments and bus cards. Early calls to families have kept dozens in school, and the terms allow it, but hardly anyone who signed them imagined this use. Do you keep the program running?',
  },
  {
    id: 'barn-fire-disobedience',
    goal: 'Discipline a brave firefighter',
    prompt:
      'A volunteer entered a burning barn against your order and brought out a farmhand alive. After an accident last year you announced that whoever ignores an order sits out a month, and without him the crew is weak in the driest weeks. Do you suspend him?',
  },
  {
    id: 'farmer-driving-assessment',
    goal: 'Assess an elderly driver',
    prompt:
      'In your driving assessment a farmer of eighty-one is slower than you would like but makes no clear mistake. Without the licence he must leave the farm that he has worked for sixty years; with it he passes a primary school every morning. Do you let him pass?',
  },
  {
    id: 'charity-wages-from-wells',
    goal: 'Report a charity’s detour',
    prompt:
      'As a volunteer you review the books of a small charity and find that money given for wells paid the kitchen staff for two months during a famine. Nothing was stolen, and the donors, who are strict, may leave if your summary mentions it. Do you mention it?',
  },
  {
    id: 'apricots-or-dye-works',
    goal: 'Share water in drought',
    prompt:
      'The reservoir that you manage is down to a third. An apricot valley would lose trees that take ten years to grow again, and a town of dyers downstream would have to send six hundred people home for the summer. Who gets the water?',
  },
  {
    id: 'memoir-impossible-scenes',
    goal: 'Print a flawed memoir',
    prompt:
      'Your publishing house is about to print the moving memoir of a woman of eighty-eight. Your fact checker shows that two scenes cannot have happened as told, and the author says firmly that this is how she remembers them. Do you print the book unchanged?',
  },
  {
    id: 'scan-for-reassurance',
    goal: 'Give away a scan appointment',
    prompt:
      'A patient of yours is worn out by fear of a heart flutter that is almost certainly harmless, and a scan today would calm him. The appointment would otherwise go to the next person on the list, whose vague complaints may hide nothing or something. Whom do you give it to?',
  },
  {
    id: 'unpublished-flood-model',
    goal: 'Share unpublished flood research',
    prompt:
      'A doctoral student of yours has built a flood model that would help the engineers of a neighbouring region to plan their dams this month. Shared now, it may be published first by a larger group, and she would lose the best chapter of three years of work. Do you ask her to share it?',
  },
  {
    id: 'prison-workshop-key',
    goal: 'Trust a prisoner with tools',
    prompt:
      'You run the carpentry workshop of a prison, and its most gifted member, calm for two years, asks to work alone with the chisels. Trust of this kind has changed people here, and once, six years ago, somebody was hurt. Do you give him the key?',
  },
];
