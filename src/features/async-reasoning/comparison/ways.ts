/** What the ways of a comparison are called. */
import { webLlmName } from '@/client/web-llm-models.ts';
import type { OtherModel, OtherRun, ComparisonRun } from '@/protocol/comparison.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import type { ComparisonWay } from '@/state/comparison-view.ts';
import { hostOfUrl } from '@/state/server-url.ts';
import { MODES, STOPS } from '../modes.ts';

/** Characters beside a bar. */
const SHORT_LENGTH = 12;

/** Qwen3 0.6B */
export function modelName({ kind, model }: OtherModel): string {
  return kind === 'webLlm' ? webLlmName(model) : model;
}

/** Qwen3 0.6B, on web-llm */
export function otherName(other: OtherModel): string {
  return `${modelName(other)}, ${other.kind === 'webLlm' ? 'on web-llm' : `at ${hostOfUrl(other.url)}`}`;
}

export function nameOfWay(way: ComparisonWay): string {
  return typeof way === 'string' ? MODES[way].name : `Another model: ${otherName(way)}`;
}

/** In the few characters that a lane has on a phone. */
export function kindOfWay(way: ComparisonWay): string {
  if (typeof way === 'string') return MODES[way].name;
  return way.kind === 'webLlm' ? 'Other, web-llm' : 'Other, server';
}

export function shortNameOfWay(way: ComparisonWay): string {
  if (typeof way === 'string') return MODES[way].name;
  const name = modelName(way);
  return `Other: ${name.length > SHORT_LENGTH ? `${name.slice(0, SHORT_LENGTH - 1)}…` : name}`;
}

export function failureOf(run: ComparisonRun | OtherRun | null): FailureMessage | null {
  return run !== null && 'model' in run ? run.failure : null;
}

export function endText({ stop }: ComparisonRun | OtherRun): string {
  return stop === 'failed' ? 'failed' : STOPS[stop];
}
