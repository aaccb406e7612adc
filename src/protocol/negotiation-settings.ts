/**
 * How a group negotiates. What the paper (arXiv 2603.10476v1) leaves open is a setting here; names in snake_case are taken
 * as well. What is left out is the default.
 */
import { z } from 'zod';
import { checkInput, withCamelCaseKeys } from './check-input.ts';

export interface NegotiationSettings {
  /** Dialogues of one dilemma and persona pair, G. */
  readonly groupSize: number;
  /** Most turns of a dialogue, N. A turn is one exchange: an utterance of each side. */
  readonly maxTurns: number;
  /** How much of the dialogue a speaker sees, in `contextUnit`s. */
  readonly contextTurns: number;
  /**
   * The paper says "the two most recent turns". 'exchanges': the turn that is under way counts as one of them for the
   * second speaker, so two turns are at most four utterances. 'utterances': single utterances, whoever spoke.
   */
  readonly contextUnit: 'exchanges' | 'utterances';
  /** What the completion is written from: the whole dialogue, or what a speaker would see. */
  readonly completionSees: 'all' | 'recent';
  readonly maxUtteranceTokens: number;
  readonly maxCompletionTokens: number;
  readonly utteranceTemperature: number;
  readonly utteranceTopP: number;
  readonly completionTemperature: number;
  readonly completionTopP: number;
  /**
   * Who decides whether the sides agree. 'model': the loaded model, its adapter off. 'judge': who judges the answers, if it
   * is a chat model elsewhere; otherwise as 'model'. 'rule': both must have written words of consent.
   */
  readonly agreementBy: 'model' | 'judge' | 'rule';
  /** The sides agree when p(yes) is above it, p(yes) = sigmoid(z_yes - z_no). */
  readonly agreementThreshold: number;
  /**
   * The two answers of the agreement judge; each must be one token of the vocabulary. The paper's are YES and NO; "YES" is
   * two tokens in SmolLM2's.
   */
  readonly agreementYes: string;
  readonly agreementNo: string;
  /** Whether a dialogue without agreement gets a completion too: false in training, true in evaluation. */
  readonly completeOnFailure: boolean;
  /** The paper's prose says yes; its printed prompt has no place for the dialogue. */
  readonly judgeSeesDialogue: boolean;
  /** Whether a side speaks with the attached adapter. The first speaker also writes the completion. */
  readonly adapterAgent1: 'on' | 'off';
  readonly adapterAgent2: 'on' | 'off';
  /** Which sides think in private while they listen. */
  readonly thinking: 'none' | 'agent1' | 'agent2' | 'both';
  /** Of one side in one turn. */
  readonly maxThoughtTokens: number;
  readonly seed: number;
}

export const DEFAULT_NEGOTIATION: NegotiationSettings = {
  groupSize: 4,
  maxTurns: 3,
  contextTurns: 2,
  contextUnit: 'exchanges',
  completionSees: 'all',
  maxUtteranceTokens: 80,
  maxCompletionTokens: 128,
  utteranceTemperature: 0.7,
  utteranceTopP: 0.95,
  completionTemperature: 0.1,
  completionTopP: 0.95,
  agreementBy: 'model',
  agreementThreshold: 0.5,
  agreementYes: 'Yes',
  agreementNo: 'No',
  completeOnFailure: false,
  judgeSeesDialogue: false,
  adapterAgent1: 'on',
  adapterAgent2: 'on',
  thinking: 'none',
  maxThoughtTokens: 64,
  seed: 0,
};

/** What the paper states of its own runs. */
export const PAPER_NEGOTIATION: NegotiationSettings = { ...DEFAULT_NEGOTIATION, groupSize: 8, maxTurns: 7 };

const MAX_SEED = 0xffff_ffff;
const defaults = DEFAULT_NEGOTIATION;
const temperature = z.number().min(0).max(5);
const share = z.number().min(0).max(1);
const topP = z.number().gt(0).max(1);
const tokens = z.int().min(1).max(4096);
const word = z.string().min(1).max(40);

export const negotiationSettingsSchema = z.strictObject({
  groupSize: z.int().min(1).max(64).default(defaults.groupSize),
  maxTurns: z.int().min(1).max(50).default(defaults.maxTurns),
  contextTurns: z.int().min(1).max(100).default(defaults.contextTurns),
  contextUnit: z.enum(['exchanges', 'utterances']).default(defaults.contextUnit),
  completionSees: z.enum(['all', 'recent']).default(defaults.completionSees),
  maxUtteranceTokens: tokens.default(defaults.maxUtteranceTokens),
  maxCompletionTokens: tokens.default(defaults.maxCompletionTokens),
  utteranceTemperature: temperature.default(defaults.utteranceTemperature),
  utteranceTopP: topP.default(defaults.utteranceTopP),
  completionTemperature: temperature.default(defaults.completionTemperature),
  completionTopP: topP.default(defaults.completionTopP),
  agreementBy: z.enum(['model', 'judge', 'rule']).default(defaults.agreementBy),
  agreementThreshold: share.default(defaults.agreementThreshold),
  agreementYes: word.default(defaults.agreementYes),
  agreementNo: word.default(defaults.agreementNo),
  completeOnFailure: z.boolean().default(defaults.completeOnFailure),
  judgeSeesDialogue: z.boolean().default(defaults.judgeSeesDialogue),
  adapterAgent1: z.enum(['on', 'off']).default(defaults.adapterAgent1),
  adapterAgent2: z.enum(['on', 'off']).default(defaults.adapterAgent2),
  thinking: z.enum(['none', 'agent1', 'agent2', 'both']).default(defaults.thinking),
  maxThoughtTokens: tokens.default(defaults.maxThoughtTokens),
  seed: z.int().min(0).max(MAX_SEED).default(defaults.seed),
});

/**
 * All settings.
 *
 * @param value  some settings, or undefined for the defaults
 * @throws {Failure} 'invalidConfig' naming the field as it was written
 */
export function checkNegotiationSettings(value: unknown, call = 'negotiation settings'): NegotiationSettings {
  const { fields, nameOf } = withCamelCaseKeys(value ?? {}, call);
  return checkInput(negotiationSettingsSchema, fields, call, nameOf);
}
