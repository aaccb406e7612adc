/**
 * A group of dialogues of the scripted engine, in the order of events that the real one has: all rows hear agent 1, then
 * agent 2, then the agreement judge; those that agreed are concluded together, and judged.
 */
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { sleep } from '@/lib/sleep.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { JudgeConfig, RolloutEvent, RowStart } from '@/protocol/negotiation-api.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import {
  NEGOTIATION_ROLES,
  type AgreementVerdict,
  type DialogueOutcome,
  type DialogueRecord,
  type GroupRecord,
  type JudgeVerdict,
  type NegotiationRole,
  type RolloutPlan,
  type ThoughtToken,
  type Thoughts,
  type Utterance,
} from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import type { RolloutControl } from '@/research/negotiation/rollout-control.ts';
import { AFTER_AN_EDIT, courseOf, idOf, piecesOf, spokenIn, thoughtIn } from './scripted-negotiation-texts.ts';
import { scriptName } from './scripted-studies.ts';

const STOP_TOKEN = '<|im_end|>';
const FAILS_AFTER_STEPS = 90;
/** Times as fast as thirty tokens a second. */
const SPEED: Readonly<Record<string, number>> = {
  'negotiation-fast': 12,
  'negotiation-fails': 4,
  'training-fast': 40,
  'training-empty': 40,
  'training-fails': 40,
};

/** What the run is asked to be. */
export interface ScriptedGroupRequest {
  readonly dilemma: Dilemma;
  readonly pair: PersonaPair;
  readonly settings: NegotiationSettings;
  readonly judge: JudgeConfig | null;
  readonly starts: readonly RowStart[];
}

interface Io {
  readonly control: RolloutControl;
  readonly signal: AbortSignal;
  readonly emit: (event: RolloutEvent) => void;
  readonly verdictOf: (course: Course, record: GroupRecord) => Promise<JudgeVerdict>;
}

/** A dialogue under way. */
export class Course {
  readonly row: number;
  readonly branch: number;
  readonly utterances: Utterance[];
  readonly thoughts: Thoughts[] = [];
  readonly agreements: AgreementVerdict[];
  said: string | undefined;
  outcome: DialogueOutcome | undefined;
  completion: Utterance | undefined;
  verdict: JudgeVerdict | undefined;

  constructor({ row, branch = 0, utterances = [], agreements = [], said }: RowStart) {
    this.row = row;
    this.branch = branch;
    this.utterances = [...utterances];
    this.agreements = [...agreements];
    this.said = said;
  }

  get isEdited(): boolean {
    return this.utterances.some(({ origin }) => origin === 'person');
  }

  record(): DialogueRecord {
    const { row, branch, utterances, thoughts, agreements, outcome = 'stopped', completion, verdict } = this;
    return {
      row,
      branch,
      utterances: [...utterances],
      ...(thoughts.length > 0 && { thoughts: [...thoughts] }),
      agreements: [...agreements],
      outcome,
      ...(completion && { completion }),
      ...(verdict && { verdict }),
    };
  }
}

interface Phase {
  readonly of: Utterance['kind'];
  readonly role: NegotiationRole;
  readonly turn: number;
}

export class ScriptedGroup {
  readonly #request: ScriptedGroupRequest;
  readonly #io: Io;
  readonly #courses: readonly Course[];
  readonly #plan: RolloutPlan;
  #numSteps = 0;

  constructor(request: ScriptedGroupRequest, io: Io) {
    this.#request = request;
    this.#io = io;
    this.#courses = request.starts.map((start) => new Course(start));
    this.#plan = { rowsPerForward: request.starts.length, maxForwardTokens: 256, keepsContext: true };
  }

  async play(): Promise<GroupRecord> {
    const { emit, signal } = this.#io;
    emit({ kind: 'started', plan: this.#plan, rows: this.#courses.map(({ row }) => row) });
    try {
      await this.#negotiate();
      await this.#judgeCompletions();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    for (const course of this.#courses) {
      if (course.outcome !== undefined) continue;
      course.outcome = 'stopped';
      emit({ kind: 'dialogueEnded', row: course.row, outcome: 'stopped' });
    }
    return this.#record();
  }

  #record(): GroupRecord {
    const { dilemma, pair, settings } = this.#request;
    const dialogues = this.#courses.map((course) => course.record());
    return { format: 'duet-negotiation-1', dilemma, pair, settings, plan: this.#plan, dialogues };
  }

  async #negotiate(): Promise<void> {
    const { maxTurns, completeOnFailure } = this.#request.settings;
    for (let turn = 1; turn <= maxTurns; turn++) {
      for (const [index, role] of NEGOTIATION_ROLES.entries()) {
        const place = 2 * (turn - 1) + index;
        const rows = this.#open().filter(({ utterances }) => utterances.length === place);
        if (rows.length === 0) continue;
        await this.#speak(rows, { of: 'utterance', role, turn });
        if (role === 'agent1') await this.#pass('utterance');
      }
      await this.#decide(turn);
      if (this.#open().length > 0 || turn === 1) await this.#pass('turn');
    }
    const writing = this.#courses.filter(
      ({ outcome }) => outcome === 'agreed' || (outcome === 'failed' && completeOnFailure),
    );
    await this.#generate(writing, { of: 'completion', role: 'agent1', turn: 0 });
  }

  #open(): Course[] {
    return this.#courses.filter(({ outcome }) => outcome === undefined);
  }

  async #speak(rows: readonly Course[], phase: Phase): Promise<void> {
    const { control, signal, emit } = this.#io;
    const { role, turn } = phase;
    for (const course of rows.filter(({ said }) => said !== undefined)) {
      this.#add(course, phase, course.said ?? '');
      course.said = undefined;
    }
    const left = rows.filter(({ utterances }) => utterances.length === 2 * (turn - 1) + (role === 'agent1' ? 0 : 1));
    const byHand = left.filter(({ row }) => control.isTakenOver(row, role));
    for (const { row } of byHand) emit({ kind: 'awaitingPerson', row, role, turn });
    await this.#generate(
      left.filter((course) => !byHand.includes(course)),
      phase,
    );
    for (const course of byHand) {
      const text = await control.said(course.row, role, signal);
      if (text === undefined) await this.#generate([course], phase);
      else emit({ kind: 'utteranceEnded', row: course.row, utterance: this.#add(course, phase, text) });
    }
  }

  #add(course: Course, { role, turn }: Phase, text: string): Utterance {
    const promptIds = piecesOf(this.#promptOf(course, role)).map(idOf);
    const tokenIds = piecesOf(text).map(idOf);
    const common = { kind: 'utterance', role, turn, promptIds, tokenIds, logProbs: [], text } as const;
    const utterance: Utterance = { ...common, stop: 'given', isTruncated: false, origin: 'person' };
    course.utterances.push(utterance);
    return utterance;
  }

  async #generate(rows: readonly Course[], phase: Phase): Promise<void> {
    if (rows.length === 0) return;
    const { emit } = this.#io;
    const { of, role } = phase;
    const speaking = rows.map((course) => {
      const turn = of === 'completion' ? course.agreements.length : phase.turn;
      const pieces = piecesOf(this.#textOf(course, { of, role, turn }));
      const promptIds = piecesOf(this.#promptOf(course, role)).map(idOf);
      const thinker = of === 'completion' ? null : this.#listenerOf(role);
      const thoughts = thinker === null ? [] : piecesOf(thoughtIn(courseOf(course.row), turn));
      return { course, turn, pieces, promptIds, thinker, thoughts };
    });
    for (const { course, turn, promptIds } of speaking) {
      emit({
        kind: 'utteranceStarted',
        of,
        role,
        turn,
        row: course.row,
        numPromptTokens: promptIds.length,
        numSharedTokens: piecesOf(this.#openingOf(role)).length,
      });
      await this.#rest(120);
    }
    const longest = Math.max(...speaking.map(({ pieces }) => pieces.length));
    for (let step = 0; step <= longest; step++) {
      await this.#pass('token');
      await this.#rest(33);
      if (scriptName() === 'negotiation-fails' && this.#numSteps++ > FAILS_AFTER_STEPS)
        throw new Failure<FailureCode>('deviceLost', 'The GPU device was lost: the driver was reset.');
      const running = speaking.filter(({ pieces }) => step <= pieces.length);
      const tokens = running.map(({ course, pieces }) => {
        const text = pieces[step];
        return { row: course.row, tokenId: idOf(text ?? STOP_TOKEN), text: text ?? '', logProb: -0.4 };
      });
      const thoughts = running.flatMap(({ course, thinker, thoughts: all }): ThoughtToken[] => {
        const text = all[step];
        if (thinker === null || text === undefined) return [];
        return [{ row: course.row, tokenId: idOf(text), text, logProb: -0.7, role: thinker, heard: step }];
      });
      emit({ kind: 'stepped', tokens, ...(thoughts.length > 0 && { thoughts }) });
      for (const speaker of running.filter(({ pieces }) => step === pieces.length)) this.#end(speaker, phase);
    }
  }

  #end(
    speaker: {
      readonly course: Course;
      readonly turn: number;
      readonly pieces: readonly string[];
      readonly promptIds: readonly number[];
      readonly thinker: NegotiationRole | null;
      readonly thoughts: readonly string[];
    },
    { of, role, turn: phaseTurn }: Phase,
  ): void {
    const { course, turn, pieces, promptIds, thinker } = speaker;
    const { emit } = this.#io;
    const tokenIds = [...pieces, STOP_TOKEN].map(idOf);
    const utterance: Utterance = {
      kind: of,
      role,
      turn,
      promptIds,
      tokenIds,
      logProbs: tokenIds.map(() => -0.4),
      text: pieces.join(''),
      stop: 'stopToken',
      isTruncated: false,
      origin: 'model',
    };
    if (of === 'completion') course.completion = utterance;
    else course.utterances.push(utterance);
    emit({ kind: 'utteranceEnded', row: course.row, utterance });
    if (thinker === null) return;
    const heard = speaker.thoughts.slice(0, pieces.length + 1);
    const thoughts: Thoughts = {
      role: thinker,
      turn: thinker === 'agent1' ? phaseTurn + 1 : phaseTurn,
      tokenIds: heard.map(idOf),
      logProbs: heard.map(() => -0.7),
      heard: heard.map((_, index) => index),
      text: heard.join(''),
      stop: heard.length < speaker.thoughts.length ? 'cut' : 'stopToken',
    };
    course.thoughts.push(thoughts);
    emit({ kind: 'thoughtsEnded', row: course.row, thoughts });
  }

  #listenerOf(speaker: NegotiationRole): NegotiationRole | null {
    const listener: NegotiationRole = speaker === 'agent1' ? 'agent2' : 'agent1';
    const { thinking } = this.#request.settings;
    return thinking === 'both' || thinking === listener ? listener : null;
  }

  #textOf(course: Course, { of, role, turn }: Phase): string {
    const script = courseOf(course.row);
    if (of === 'completion') return script.completion === '' ? at([...AFTER_AN_EDIT], 0) : script.completion;
    if (course.isEdited) return at(AFTER_AN_EDIT, role === 'agent1' ? 0 : 1);
    return spokenIn(script, role, turn);
  }

  #openingOf(role: NegotiationRole): string {
    const { dilemma, pair } = this.#request;
    const persona = role === 'agent1' ? pair.persona1 : pair.persona2;
    return `<|im_start|>system\nYou negotiate with another person about a dilemma. Your private goal: ${persona} Never say what it is.<|im_end|>\n<|im_start|>user\nDilemma: ${dilemma.prompt}`;
  }

  #promptOf({ utterances }: Course, role: NegotiationRole): string {
    const { contextTurns } = this.#request.settings;
    const heard = utterances
      .slice(-2 * contextTurns)
      .map((said) => `<|im_end|>\n<|im_start|>${said.role === role ? 'assistant' : 'user'}\n${said.text}`);
    return `${this.#openingOf(role)}${heard.join('')}<|im_end|>\n<|im_start|>assistant\n`;
  }

  async #decide(turn: number): Promise<void> {
    const { emit } = this.#io;
    const { maxTurns, agreementThreshold } = this.#request.settings;
    for (const course of this.#open()) {
      if (course.utterances.length < 2 * turn || course.agreements.length >= turn) continue;
      await this.#rest(90);
      const verdict = agreementOf(course, turn, agreementThreshold);
      course.agreements.push(verdict);
      emit({ kind: 'agreementJudged', row: course.row, verdict });
      const hasAgreed = verdict.state === 'judged' && verdict.agreed;
      if (!hasAgreed && turn < maxTurns) continue;
      course.outcome = hasAgreed ? 'agreed' : 'failed';
      emit({ kind: 'dialogueEnded', row: course.row, outcome: course.outcome });
    }
  }

  async #judgeCompletions(): Promise<void> {
    const { emit, signal, verdictOf } = this.#io;
    if (this.#request.judge === null) return;
    for (const course of this.#courses) {
      if (course.completion === undefined) continue;
      await this.#rest(scriptName() === 'negotiation-slow-judge' ? 8000 : 300);
      signal.throwIfAborted();
      const verdict = await verdictOf(course, this.#record());
      course.verdict = verdict;
      emit({ kind: 'judged', row: course.row, verdict });
    }
  }

  /** Where a run may rest; the page is told when it does by itself. */
  async #pass(place: 'token' | 'utterance' | 'turn'): Promise<void> {
    const { control, signal, emit } = this.#io;
    const wasPaused = control.isPaused;
    const passing = control.pass(place, signal);
    if (!wasPaused && control.isPaused) emit({ kind: 'paceChanged', isPaused: true });
    await passing;
  }

  async #rest(ms: number): Promise<void> {
    const { signal } = this.#io;
    signal.throwIfAborted();
    await sleep(ms / (SPEED[scriptName()] ?? 1));
    signal.throwIfAborted();
  }
}

function agreementOf({ row, isEdited }: Course, turn: number, threshold: number): AgreementVerdict {
  const { agreesIn } = courseOf(row);
  if (row % 4 === 3 && turn === 1)
    return { state: 'unreadable', turn, reason: 'The judge answered neither Yes nor No.', raw: 'It seems that' };
  const pYes = isEdited || (agreesIn !== null && turn >= agreesIn) ? 0.91 : 0.07 + 0.1 * turn;
  return { state: 'judged', turn, agreed: pYes > threshold, pYes };
}
