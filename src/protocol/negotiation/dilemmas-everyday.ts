/** Micro-Ethics & Social Etiquette: little is at stake, and the choice still shows who one is. All written for Duet. */
import type { DilemmaText } from './dilemma-text.ts';

export const EVERYDAY_DILEMMAS: readonly DilemmaText[] = [
  {
    id: 'market-scarf-bargain',
    goal: 'Bargain with a market seller',
    prompt:
      'At a market abroad you and an old weaver have laughed a scarf down to half of its price. A guide whispers that people from here pay half of that again, and the difference would hardly buy you a coffee at home. Do you go on bargaining?',
  },
  {
    id: 'self-checkout-cheese',
    goal: 'Pay for the unscanned cheese',
    prompt:
      'At home you notice that the self-checkout missed a piece of cheese worth nine euros. The supermarket is half an hour away on foot and has just replaced most of its cashiers with machines. Do you go back and pay?',
  },
  {
    id: 'camera-off-weekly-call',
    goal: 'Switch your camera off',
    prompt:
      'In a weekly call of eight people all cameras are on, because the youngest colleague once said that black squares make her nervous. You have slept badly and would follow better unseen. Do you switch yours off?',
  },
  {
    id: 'reserved-seat-sleeper',
    goal: 'Claim a reserved seat',
    prompt:
      'In a full train a man of about sixty is fast asleep in the window seat that you paid to reserve. You are fit but tired, and the journey takes three more hours. Do you wake him?',
  },
  {
    id: 'friday-fridge-lasagne',
    goal: 'Eat the forgotten lasagne',
    prompt:
      'The office fridge is emptied into the bin every Friday at five. At a quarter to five you are hungry, and a lasagne without a name has stood there since Wednesday, homemade and still good. Do you eat it?',
  },
  {
    id: 'two-star-lamp',
    goal: 'Revise a critical review',
    prompt:
      'You gave a small online shop two stars for a lamp that came late and dented. The owner, polite and evidently running it alone, sends a new one and asks whether you might think again about the stars. Do you change them?',
  },
  {
    id: 'tip-screen-bakery',
    goal: 'Tip at the counter',
    prompt:
      'A screen in the bakery proposes a tip of fifteen percent for a loaf, while the assistant looks on and a queue waits behind you. You think that employers should pay proper wages, and you also see that hers are not. What do you press?',
  },
  {
    id: 'parcel-eleven-days',
    goal: 'Store a neighbour’s parcel',
    prompt:
      'For eleven days a large parcel for the neighbour has blocked your narrow hall. He is friendly, works at night, and once said how much he dislikes being reminded of things. Do you simply put it in front of his door?',
  },
  {
    id: 'film-service-password',
    goal: 'Use a friend’s subscription',
    prompt:
      'Two years ago a friend typed the password of her film service into your television for one evening, and it still works. You have a well-paid job by now, and she has never mentioned it. Do you log out?',
  },
  {
    id: 'wrong-name-for-months',
    goal: 'Correct your own name',
    prompt:
      'A kind colleague has called you by a slightly wrong name for five months, and today she introduces you with it to a table of clients. Correcting her would embarrass her in front of everyone, and letting it pass makes it stick. Do you correct her?',
  },
  {
    id: 'slide-video-stranger',
    goal: 'Ask a stranger about filming',
    prompt:
      'A father at the playground films his daughter on the slide, and your son is in most of the pictures. He is plainly just proud, and a dozen other children are around. Do you ask him to delete the film?',
  },
  {
    id: 'quiet-coach-grandmother',
    goal: 'Protect the quiet coach',
    prompt:
      'In the quiet coach an old woman is on the phone with what sounds like a grandchild far away, happy and very loud. Other people sigh, nobody speaks, and she gets off in twenty minutes. Do you say something?',
  },
  {
    id: 'book-club-summary',
    goal: 'Admit to skipping the book',
    prompt:
      'The host of your book club has chosen the novel that she loves most. You read only a summary that a chatbot wrote for you on the way, and now all four look at you and want your opinion first. Do you admit it?',
  },
  {
    id: 'painted-vase-regift',
    goal: 'Pass on an unwanted gift',
    prompt:
      'Your aunt painted a vase for your birthday that you find ugly and keep in a cupboard. A colleague who collects such pieces would be delighted with it, and your aunt comes to see you once a year. Do you give it away?',
  },
  {
    id: 'chatbot-condolence',
    goal: 'Send a borrowed condolence',
    prompt:
      'You want to write to a colleague whose father has died, and everything that you try sounds stiff. The draft of a chatbot is warm and says what you feel better than you could. Do you send it as your own?',
  },
  {
    id: 'carpool-free-charging',
    goal: 'Charge for shared rides',
    prompt:
      'Three colleagues ride to work with you and have shared the petrol from the first week. Your new electric car charges for free in the company’s garage, so the rides cost you next to nothing, and nobody has asked. Do you go on taking the money?',
  },
  {
    id: 'gym-beginner-back',
    goal: 'Advise a gym beginner',
    prompt:
      'Next to you in the gym a beginner lifts with a bent back, proud of himself and visibly unsure whether he belongs here. You are no trainer, and you remember how you hated advice from strangers. Do you say something?',
  },
  {
    id: 'dried-up-plant',
    goal: 'Replace a dried plant quietly',
    prompt:
      'You were asked to water your neighbour’s plants and let one dry up. The same kind costs six euros at the market and she would never see the difference, but she once told you that it came from a friend’s wedding. Do you tell her?',
  },
  {
    id: 'reunion-photo',
    goal: 'Post the group photo',
    prompt:
      'In the only picture of the reunion in which you look good, a shy friend has her eyes half closed. She says “never mind” when you ask her, and everybody else loves it. Do you post it?',
  },
  {
    id: 'soup-and-water-bill',
    goal: 'Split a lopsided bill',
    prompt:
      'Eight of you have eaten together, and somebody says “equal parts, as always”. The trainee at the end of the table had soup and water, and she studies her phone and says nothing. Do you object on her behalf?',
  },
  {
    id: 'post-office-queue',
    goal: 'Let someone jump ahead',
    prompt:
      'At the post office a young man with one letter asks to go before you, because his lunch break is nearly over. You would not mind, but six people stand behind you whom nobody has asked. Do you let him go first?',
  },
  {
    id: 'shared-thermostat',
    goal: 'Change the shared heating',
    prompt:
      'Five flats share one heating app and one bill. You are cold at nineteen degrees, the family upstairs saves every coin, and nobody could see who turned it up by one. Do you turn it up?',
  },
  {
    id: 'parents-chat-maths-sheet',
    goal: 'Post the homework answers',
    prompt:
      'In the parents’ chat a mother asks for the answers to the maths sheet because her daughter is in tears. You have them in front of you, and the teacher has asked for patience with mistakes rather than help. Do you post them?',
  },
  {
    id: 'second-pizza',
    goal: 'Report an extra pizza',
    prompt:
      'A courier hands you two pizzas instead of one and cycles off before you notice. The kitchen cannot use the second one any more, and a call might get him into trouble, or save him from it. Do you call?',
  },
  {
    id: 'last-finger-of-coffee',
    goal: 'Refill the coffee pot',
    prompt:
      'In your office whoever empties the coffee pot makes the next one, so everyone leaves a finger’s width in it. You have done the same and are late for a meeting when you see the new intern coming with her cup. Do you turn back and make a fresh pot?',
  },
  {
    id: 'ten-minute-voice-messages',
    goal: 'Answer endless voice messages',
    prompt:
      'A friend who lives alone sends you voice messages of ten minutes and later asks what you thought of them. You play them at double speed while you cook and answer with friendly generalities. Do you tell her that you would rather read?',
  },
  {
    id: 'aisle-seat-swap',
    goal: 'Swap seats on board',
    prompt:
      'You paid for an aisle seat months before a long flight. A mother asks whether you would take a middle seat ten rows back so that she can sit beside her son of eleven, who looks perfectly calm. Do you swap?',
  },
  {
    id: 'pencilled-library-notes',
    goal: 'Erase notes in books',
    prompt:
      'In a library book you find a stranger’s pencilled notes, funny and wiser than the text itself. A sticker asks readers to erase such notes for those who come after them, and an eraser lies on the desk. Do you erase them?',
  },
  {
    id: 'empty-evening-invitation',
    goal: 'Decline with an excuse',
    prompt:
      'A colleague who is new in the city invites you to the first dinner in his flat, on the one evening that you had kept free for yourself. “I have plans” would be believed, and you remember how hard the first months were. What do you answer?',
  },
  {
    id: 'scooter-across-pavement',
    goal: 'Move a fallen scooter',
    prompt:
      'You are late, and a rented scooter lies across the pavement. A woman with a white cane lives two houses on and may or may not come by, and whoever left it there pays only if it is reported where it lies. Do you move it, report it or walk on?',
  },
];
