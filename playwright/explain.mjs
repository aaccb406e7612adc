/** What a matcher says when it fails: expected, received, why, and what to do. Pure functions on data. */

/**
 * @typedef {import('./index.mjs').ReasoningTrace} ReasoningTrace
 * @typedef {import('./index.mjs').RunComparison} RunComparison
 * @typedef {NonNullable<RunComparison['first']>} RunDifference
 * @typedef {RunDifference['a']} RunSide
 * @typedef {import('./index.mjs').MemoryReport} MemoryReport
 * @typedef {{ tokenId: number, text: string, margin: number | null }} MadeToken  margin: of the likeliest token to the
 *   second, in log-probability; null where it is not known
 */

/** For tokens alone, as src/protocol/run-comparison.ts has it, which the package does not hold; a test compares both. */
export const NEAR_TIE = 0.05;

/**
 * @param {RunComparison} comparison  of the stored run with the replayed one
 * @param {{ stored: ReasoningTrace, replayed: ReasoningTrace, adapter: string }} runs
 * @returns {string}
 */
export function explainReplay({ first, equalSteps, numSteps, setup }, { stored, replayed, adapter }) {
  if (first === null) return `All ${numSteps.a} steps of the run are as stored, on ${adapter}.`;
  const lines = [
    `The first ${equalSteps} of ${numSteps.a} steps are as stored. Step ${first.step} is not, on ${adapter}.`,
    '',
    `differs   ${NAMES_OF_DIFFERENCES[first.what]}${first.stream === undefined ? '' : ` of the ${first.stream}`}`,
    `stored    ${describeSide(first.a, first.what)}`,
    `replayed  ${describeSide(first.b, first.what)}`,
    ...probeLines('stored  ', stored, first.step),
    ...probeLines('replayed', replayed, first.step),
    '',
    `Why: ${first.why}`,
    `What to do: ${first.isNearTie ? ADVICE_ON_TIE : ADVICE_ON_CHANGE}`,
  ];
  if (setup.length > 0) lines.push('', 'Settings that differ, stored against replayed:');
  for (const { field, a, b } of setup) lines.push(`  ${field}: ${a} / ${b}`);
  return lines.join('\n');
}

const NAMES_OF_DIFFERENCES = {
  event: 'what was read in front of the step',
  state: 'which streams run',
  token: 'the token',
  probe: "the probe's decision",
  end: 'the end of the run',
};

const ADVICE_ON_TIE =
  'This is a near tie, which rounding on another adapter decides. Record the run on this adapter, or compare only the ' +
  'steps in front of it with { steps }.';

const ADVICE_ON_CHANGE =
  'This is no near tie: model, prompts, method or a kernel are others than those of the stored run. If the change is ' +
  'meant, record the run anew.';

/** @type {(side: RunSide, what: RunDifference['what']) => string} */
function describeSide({ state, token, text, margin, score, yes, events }, what) {
  if (state === null) return 'the run has ended';
  if (what === 'event') return events?.length === 0 ? 'nothing' : (events ?? []).join(', ');
  if (what === 'probe')
    return score === undefined ? 'not asked' : `${yes === true ? 'yes' : 'no'}, score ${round(score)}`;
  if (token === undefined) return state;
  const margins = margin === undefined ? '' : `, top-2 margin ${round(margin)}`;
  return `${JSON.stringify(text ?? '')} (token ${token}${margins})`;
}

/** @type {(label: string, run: ReasoningTrace, step: number) => string[]} */
function probeLines(label, { result }, step) {
  const probe = result.steps[step]?.probe;
  if (probe === undefined) return [];
  const logits = `yes [${probe.yes_logits.map(round).join(', ')}], no [${probe.no_logits.map(round).join(', ')}]`;
  return [
    `probe     ${label.trim()}: logits ${logits}, score ${round(probe.score)}, ${probe.yes ? 'writes on' : 'waits'}`,
  ];
}

/**
 * @param {readonly MadeToken[]} expected
 * @param {readonly MadeToken[]} received
 * @param {string} adapter
 * @returns {string | null} null where both are the same
 */
export function explainTokens(expected, received, adapter) {
  const length = Math.max(expected.length, received.length);
  const at = Array.from({ length }, (_, index) => index).find(
    (index) => expected[index]?.tokenId !== received[index]?.tokenId,
  );
  if (at === undefined) return null;
  const margin = received[at]?.margin ?? null;
  const isTie = margin !== null && margin < NEAR_TIE;
  return [
    `The first ${at} of ${expected.length} tokens are as expected. Token ${at} is not, on ${adapter}.`,
    '',
    `expected  ${describeToken(expected[at])}`,
    `received  ${describeToken(received[at])}`,
    `received ids: ${JSON.stringify(received.map(({ tokenId }) => tokenId))}`,
    '',
    `What to do: ${isTie ? TOKEN_ADVICE_ON_TIE : TOKEN_ADVICE_ON_CHANGE}`,
  ].join('\n');
}

const TOKEN_ADVICE_ON_TIE =
  'Two tokens were nearly as good as each other, so that rounding on another adapter decides. Choose another prompt, or ' +
  'fewer tokens.';

const TOKEN_ADVICE_ON_CHANGE =
  'The choice was clear, so that model, prompt, settings or a kernel are others. If the change is meant, take over the ' +
  'received ids.';

/** @type {(token: MadeToken | undefined) => string} */
function describeToken(token) {
  if (token === undefined) return 'no more tokens';
  const margin = token.margin === null ? '' : `, top-2 margin ${round(token.margin)}`;
  return `${JSON.stringify(token.text)} (token ${token.tokenId}${margin})`;
}

/**
 * @param {MemoryReport} before
 * @param {MemoryReport} now
 * @returns {string | null} null where no owner has more than before
 */
export function explainMemory(before, now) {
  /** @type {(keyof MemoryReport)[]} */
  const owners = ['weights', 'kvCache', 'activations', 'training', 'other'];
  const grown = owners.filter((owner) => now[owner] > before[owner]);
  if (grown.length === 0) return null;
  return [
    'GPU memory was not released. Bytes by owner, expected at most, and received:',
    '',
    ...grown.map((owner) => `  ${owner}: ${before[owner]}, ${now[owner]} (${now[owner] - before[owner]} more)`),
    '',
    'What to do: unload the model or detach the adapter, or give what `duet.memory()` said before as the argument.',
  ].join('\n');
}

/** @type {(value: number) => string} */
function round(value) {
  return Number.isFinite(value) ? String(Number(value.toFixed(4))) : String(value);
}
