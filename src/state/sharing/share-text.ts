/** Shared content as a link and as a file. */
import { assertNever } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { packText, unpackText } from '@/lib/packed-text.ts';
import { readPageAddress, writePageAddress } from '@/lib/page-address.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { MAX_RUN_CHARACTERS } from '@/protocol/recording-schema.ts';
import type { WrittenScenario } from '@/protocol/scenario/scenario.ts';
import {
  SHARE_FORMAT,
  SHARE_PARAMETER,
  SHARE_VERSION,
  type MadeShare,
  type SharedContent,
  type SharedRules,
} from '@/protocol/shared-content.ts';
import { checkShared } from './shared-content-schema.ts';

/**
 * Browsers take far longer addresses. Mail, chat and course programs, and servers that pass a link on, often stop at 8 KB,
 * the longest request line of Apache and nginx as they are installed.
 */
export const MAX_LINK_CHARACTERS = 8000;

/** What a link may unfold to; its longest JSON has less than a tenth of it. */
const MAX_LINK_BYTES = 1_000_000;

/** Characters: the largest content is a run. */
export const MAX_SHARE_FILE = MAX_RUN_CHARACTERS;

/** Where the content belongs. */
export function pathOfShared(content: SharedContent): readonly string[] {
  switch (content.kind) {
    case 'negotiation':
    case 'chat':
    case 'thinking':
      return [content.kind];
    // They stand in dialogs.
    case 'fineTune':
    case 'thinkingEvaluation':
      return ['thinking'];
    case 'training':
    case 'evaluation':
      return ['negotiation', content.kind];
    case 'scenario':
      return pathOfScenario(content.scenario);
    case 'replay':
      return pathOfReplay(content.replay);
    default:
      return assertNever(content);
  }
}

function pathOfScenario({ panel, inputs }: WrittenScenario): readonly string[] {
  if (panel === 'training') return 'data' in inputs ? ['thinking'] : ['negotiation', 'training'];
  return [panel === 'model' ? 'thinking' : panel];
}

function pathOfReplay(replay: Extract<SharedContent, { kind: 'replay' }>['replay']): readonly string[] {
  const panel = replay.of === 'shipped' ? replay.panel : replay.of;
  if (panel === 'thinking') return ['thinking'];
  return panel === 'training' ? ['negotiation', 'training'] : ['negotiation'];
}

/**
 * @param content  checked
 * @param page     the page's address, without what stands behind `?` and `#`
 */
export function makeShare(content: SharedContent, page: string): MadeShare {
  const written = JSON.stringify(shortened(content));
  const text = `${written}\n`;
  // However small it packs, no link may unfold to so much: a long recording is not packed for nothing.
  if (written.length * 3 > MAX_LINK_BYTES) return { link: null, text };
  const share = `${SHARE_VERSION}.${packText(written)}`;
  const link = `${page}${writePageAddress({ path: pathOfShared(content), params: { [SHARE_PARAMETER]: share } })}`;
  return { link: link.length <= MAX_LINK_CHARACTERS ? link : null, text };
}

/** Dilemmas and pairs of ours need no more than their ids. */
function shortened(content: SharedContent): SharedContent {
  return 'rules' in content ? { ...content, rules: shortRules(content.rules) } : content;
}

function shortRules({ dilemma, pair, ...others }: SharedRules): SharedRules {
  return {
    ...others,
    ...(dilemma !== undefined && { dilemma: idIfOurs(dilemma, DILEMMAS) }),
    ...(pair !== undefined && { pair: idIfOurs(pair, PERSONA_PAIRS) }),
  };
}

function idIfOurs<Item extends { readonly id: string }>(item: Item | string, ours: readonly Item[]): Item | string {
  if (typeof item === 'string') return item;
  const own = ours.find(({ id }) => id === item.id) as Readonly<Record<string, unknown>> | undefined;
  const isSame = own !== undefined && Object.entries(item).every(([key, value]) => own[key] === value);
  return isSame ? item.id : item;
}

/**
 * Reads a link, what stands behind `share=` in one, or the text of a file.
 *
 * @throws {Failure} 'invalidConfig' naming what is wrong, and the field
 */
export function readShare(source: string): SharedContent {
  const trimmed = source.trim();
  return trimmed.startsWith('{') ? readShareFile(trimmed) : readShareLink(trimmed);
}

/** @throws {Failure} 'invalidConfig' */
export function readShareFile(text: string): SharedContent {
  if (text.length > MAX_SHARE_FILE)
    throw refusal('The file', `it is larger than ${MAX_SHARE_FILE / 1e6} MB, which is more than can be shared`);
  return checkShared(parsed(text, 'The file', 'Choose a file that "Share" has made'));
}

/** @throws {Failure} 'invalidConfig' */
function readShareLink(text: string): SharedContent {
  // A page's own address may be longer than the one that made the link.
  if (text.length > MAX_LINK_CHARACTERS * 2)
    throw refusal('The link', 'it is longer than links of Duet are. Ask for a file instead');
  // What stands behind a link in a sentence often comes with it.
  const share = shareOf(text).replace(/[^\w-]+$/, '');
  const [, version, packed = ''] = /^(\d{1,9})\.(.*)$/s.exec(share) ?? [];
  if (version === undefined)
    throw refusal('The link', 'it holds nothing that was shared. Copy it again, from its beginning to its end');
  if (version !== SHARE_VERSION)
    throw refusal(
      'The link',
      `its version is ${version}, and this page reads ${SHARE_VERSION}. Open it with the Duet that made it`,
    );
  const unpacked = unpackText(packed, MAX_LINK_BYTES);
  if (unpacked.text !== undefined) return checkShared(parsed(unpacked.text, 'The link', 'Ask for it again'));
  throw refusal(
    'The link',
    unpacked.fault === 'tooLarge'
      ? `it unfolds to more than ${MAX_LINK_BYTES / 1e6} MB, and no link of Duet does`
      : 'it is damaged, often because a letter is missing at its end. Copy it again, from its beginning to its end',
  );
}

/** Of a whole link, or the parameter itself. */
function shareOf(text: string): string {
  const hash = text.indexOf('#');
  return hash < 0 ? text : (readPageAddress(text.slice(hash)).params[SHARE_PARAMETER] ?? '');
}

function parsed(text: string, what: string, remedy: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refusal(what, `it is no complete JSON. ${remedy}`);
  }
}

function refusal(what: string, fault: string): Failure<FailureCode> {
  return new Failure('invalidConfig', `${what}: ${fault}.`);
}

/** @throws {Failure} 'invalidConfig' naming the field */
export function checkedForSharing(content: unknown): SharedContent {
  const isObject = typeof content === 'object' && content !== null && !Array.isArray(content);
  return checkShared(isObject ? { format: SHARE_FORMAT, ...content } : content);
}
