/** A group of dialogues as lanes over their tokens: who spoke, who thought meanwhile, what was agreed and scored. */
import { countAxis, AXIS, fixed, linear, short, svg, text, WIDTH } from './chart-parts.mjs';
import { escapeHtml } from './escape.mjs';

/**
 * @typedef {import('../../src/protocol/negotiation-run.ts').GroupRecord} Group
 * @typedef {Group['dialogues'][number]} Dialogue
 * @typedef {import('../../src/protocol/negotiation-run.ts').Utterance} Utterance
 */

const LEFT = 96;
/** For what came of it. */
const RIGHT = 196;
const LANE = 44;
const BAR = 16;
const THOUGHTS = 5;
const BEST_SCORE = 5;
const SCORE_WIDTH = 60;
const OUTCOMES = { agreed: 'agreed', failed: 'no agreement', stopped: 'stopped' };

/** @type {(group: Pick<Group, 'dialogues'>) => string} */
export function dialoguesSvg({ dialogues }) {
  const longest = Math.max(1, ...dialogues.map((dialogue) => numTokens(spokenOf(dialogue))));
  const x = linear(0, longest, LEFT, WIDTH - RIGHT);
  const height = dialogues.length * LANE + AXIS;
  const label = `${dialogues.length} dialogues: ${dialogues.map((dialogue) => `${nameOf(dialogue)} ${endWords(dialogue)}`).join('; ')}`;
  return svg(height, label, [
    countAxis(longest, x, height, 'tokens'),
    ...dialogues.map((dialogue, i) => lane(dialogue, i * LANE, x)),
  ]);
}

/** @type {(dialogue: Dialogue, top: number, x: import('./chart-parts.mjs').Scale) => string} */
function lane(dialogue, top, x) {
  const { thoughts = [], agreements } = dialogue;
  /** @type {Map<string, number>} */
  const ends = new Map();
  /** @type {Map<number, number>} */
  const starts = new Map();
  let at = 0;
  const bars = spokenOf(dialogue).map((said, i) => {
    const from = at;
    at += said.tokenIds.length;
    starts.set(i, from);
    ends.set(`${said.turn}`, at);
    return bar(said, x(from), x(at), top + 4);
  });
  const thinking = thoughts.map(({ role, turn, tokenIds, heard }) => {
    // While the other side said what it answers.
    const listened = starts.get(2 * (turn - 1) + (role === 'agent1' ? 0 : 1) - 1) ?? 0;
    const [from, to] = [listened + (heard[0] ?? 0), listened + (heard.at(-1) ?? 0) + 1];
    const words = `${role} thought ${tokenIds.length} tokens meanwhile`;
    return `<rect class="${role}" x="${fixed(x(from))}" y="${top + 4 + BAR + 2}" width="${fixed(Math.max(2, x(to) - x(from)))}" height="${THOUGHTS}"><title>${words}</title></rect>`;
  });
  const verdicts = agreements.map((agreement) => {
    const sign = agreement.state === 'unreadable' ? '?' : agreement.agreed ? '+' : '−';
    const p = agreement.state === 'judged' && agreement.pYes !== undefined ? `, p of yes ${short(agreement.pYes)}` : '';
    const words = `turn ${agreement.turn}: ${{ '+': 'they agree', '−': 'they do not agree', '?': 'not readable' }[sign]}${p}`;
    return `<text class="probe" x="${fixed(x(ends.get(`${agreement.turn}`) ?? 0))}" y="${top + 4 + BAR + 16}" text-anchor="end">${sign}<title>${words}</title></text>`;
  });
  return [text(0, top + 17, nameOf(dialogue)), ...bars, ...thinking, ...verdicts, ending(dialogue, top)].join('');
}

/** The answer comes last. @type {(dialogue: Dialogue) => Utterance[]} */
function spokenOf({ utterances, completion }) {
  return completion === undefined ? [...utterances] : [...utterances, completion];
}

/** @type {(said: readonly Utterance[]) => number} */
function numTokens(said) {
  return said.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
}

/** Told by a digit too, where there is room. @type {(said: Utterance, from: number, to: number, y: number) => string} */
function bar({ kind, role, turn, tokenIds, origin, isTruncated }, from, to, y) {
  const isAnswer = kind === 'completion';
  const who = isAnswer ? 'the answer' : `turn ${turn}, ${role}`;
  const words = `${who}: ${tokenIds.length} tokens${origin === 'person' ? ', said by a person' : ''}${isTruncated ? ', cut off' : ''}`;
  const width = Math.max(1.5, to - from - 1.5);
  const sign = isAnswer ? 'A' : role.at(-1);
  const label = width < 14 ? '' : text(from + width / 2, y + 12, sign ?? '', 'middle', 'inside');
  return `<g><rect class="${isAnswer ? 'answer' : role}" x="${fixed(from)}" y="${fixed(y)}" width="${fixed(width)}" height="${BAR}" rx="2"/>${label}<title>${escapeHtml(words)}</title></g>`;
}

/** @type {(dialogue: Dialogue, top: number) => string} */
function ending(dialogue, top) {
  const left = WIDTH - RIGHT + 16;
  const { verdict } = dialogue;
  const words = text(left, top + 17, endWords(dialogue), 'start', dialogue.outcome === 'agreed' ? 'plain' : 'lane');
  if (verdict?.state !== 'scored') return words;
  const width = (verdict.score / BEST_SCORE) * SCORE_WIDTH;
  return `${words}<rect class="track" x="${left}" y="${top + 24}" width="${SCORE_WIDTH}" height="4"/><rect class="judge" x="${left}" y="${top + 24}" width="${fixed(width)}" height="4"><title>${short(verdict.score)} of ${BEST_SCORE}</title></rect>`;
}

/** @type {(dialogue: Dialogue) => string} */
function endWords({ outcome, verdict }) {
  const scored =
    verdict === undefined
      ? ''
      : verdict.state === 'scored'
        ? `, score ${short(verdict.score)} of ${BEST_SCORE}`
        : ', score not readable';
  return `${OUTCOMES[outcome]}${scored}`;
}

/** @type {(dialogue: Dialogue) => string} */
function nameOf({ row, branch }) {
  return `dialogue ${row + 1}${branch === 0 ? '' : `, branch ${branch}`}`;
}
