/** The model of what was done, as a scenario names it. */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { modelKeyOf, type ModelInfo } from '@/protocol/model.ts';
import type { ScenarioModel, WrittenScenario } from '@/protocol/scenario/scenario.ts';
import type { ModelView } from '../model-view.ts';

/** What cannot be written into a file, with the reason; a sentence for the screen. */
export function notRepeatable(reason: string): Failure<FailureCode> {
  return new Failure('invalidConfig', reason);
}

export interface ModelPart {
  readonly model: ScenarioModel;
  /** A file of the user's has no address: it is expected beside the scenario. */
  readonly environment?: NonNullable<WrittenScenario['environment']>;
  readonly note: string;
}

/**
 * With everything that loading was given or chose, so that nothing is measured or guessed anew.
 *
 * @throws {Failure} 'invalidConfig' without a model
 */
export function modelPart({ info, sourceId }: Pick<ModelView, 'info' | 'sourceId'>): ModelPart {
  if (info === null) throw notRepeatable('No model is loaded, so that there is none to name in the scenario.');
  const { contextLength, kvType, kernelShape, quantization, sha256 } = info;
  const common = {
    options: { contextLength, kvType, kernelShape, ...(quantization !== null && { quantization: quantization.kind }) },
    ...(sha256 !== null && { sha256 }),
  };
  if (sourceId !== null) return { model: { source: onThisServer(sourceId), ...common }, note: '' };
  const name = fileNameOf(info);
  return {
    model: { source: `/models/${name}`, ...common },
    environment: { network: [{ url: `**/models/${name}`, respond: { file: name } }] },
    note: ` The model was a file: put it beside this one as ${name}.`,
  };
}

/** @param made  the model that made it; undefined where that was not kept */
export function refuseOtherModel(
  { info }: Pick<ModelView, 'info'>,
  made: { readonly name: string; readonly key: string } | undefined,
): void {
  if (info === null || made === undefined || made.key === modelKeyOf(info)) return;
  throw notRepeatable(`${made.name} made it, and another model is loaded.`);
}

/** An address on the page's own server has no host, so that it means the same on every server. */
function onThisServer(source: string): string {
  const here = globalThis.location as Location | undefined;
  return here !== undefined && source.startsWith(`${here.origin}/`) ? source.slice(here.origin.length) : source;
}

function fileNameOf({ id, name }: Pick<ModelInfo, 'id' | 'name'>): string {
  const plain =
    (id === '' ? name : id)
      .split('/')
      .at(-1)
      ?.replaceAll(/[^\w.-]/g, '-') ?? 'model';
  return plain.endsWith('.gguf') ? plain : `${plain}.gguf`;
}
