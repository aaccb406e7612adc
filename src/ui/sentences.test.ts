import { expect, test } from 'vitest';
import { announcedEnd, Announcements, endOfLastSentence, quietMsAfter, type Announcement } from './sentences.ts';

test.each([
  ['', ''],
  ['The capital', ''],
  ['The capital is Paris.', ''],
  ['The capital is Paris. It', 'The capital is Paris.'],
  ['It is 3.14 exactly', ''],
  ['One? Two! Thr', 'One? Two!'],
  ['A list\n\n- x', 'A list\n\n'],
])('%j has the complete sentences %j', (text, complete) =>
  expect(text.slice(0, endOfLastSentence(text))).toBe(complete),
);

/** All announcements of a text that comes in pieces, one look after each. */
function announcementsOf(pieces: readonly string[]): readonly string[] {
  const parts: string[] = [];
  let text = '';
  let from = 0;
  const look = (isComplete: boolean): void => {
    const end = announcedEnd(text, from, isComplete);
    if (end > from) parts.push(text.slice(from, end));
    from = end;
  };
  for (const piece of pieces) {
    text += piece;
    look(false);
  }
  while (from < text.length) look(true);
  return parts;
}

test('announcements are whole sentences, and add up to the text', () => {
  const text = 'One is here. Two is there! Is three? It is\n\nA list without an end';
  const parts = announcementsOf(text.split(''));
  expect(parts.join('')).toBe(text);
  expect(parts.map((part) => part.trim())).toEqual([
    'One is here.',
    'Two is there!',
    'Is three?',
    'It is',
    'A list without an end',
  ]);
});

test('what comes at once is said together, in parts that can be listened to', () => {
  const sentence = 'A sentence of forty characters, no more. ';
  const text = sentence.repeat(50).trimEnd();
  const parts = announcementsOf([text]);
  expect(parts.join('')).toBe(text);
  expect(parts.length).toBeLessThanOrEqual(6);
  expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(400);
});

test('a sentence that is longer than a part is not cut', () => {
  const long = `${'and so on '.repeat(60)}it went. `;
  expect(announcementsOf([`${long}Then it ended.`])).toEqual([long.trimEnd(), ' Then it ended.']);
});

test('a long announcement is given the time to be heard', () => {
  expect(quietMsAfter('Yes.')).toBe(2500);
  expect(quietMsAfter('a'.repeat(400))).toBe(16_000);
});

test('an answer that equals the one before it is another announcement; what was there at first is none', () => {
  const announcements = new Announcements('Old.');
  announcements.begin(0);
  const heard: (Announcement | null)[] = [];
  let nowMs = 0;
  for (const text of ['Old.', '', 'It is Paris.', '', 'It is Paris.']) {
    announcements.changed(text, true);
    heard.push(announcements.next((nowMs += 10_000)));
  }
  expect(heard).toEqual([null, null, { id: 1, part: 'It is Paris.' }, null, { id: 2, part: 'It is Paris.' }]);
});

test('the next announcement waits until the last one can be over', () => {
  const announcements = new Announcements('');
  announcements.begin(0);
  announcements.changed('One is here. ', false);
  expect(announcements.next(2499)).toBeNull();
  expect(announcements.next(2500)?.part).toBe('One is here.');
  announcements.changed('One is here. Two is there. ', false);
  expect(announcements.next(4999)).toBeNull();
  expect(announcements.next(5000)?.part).toBe('Two is there.');
  expect(announcements.next(99_999)).toBeNull();
});
