/** The model of what was done, as a scenario names it. */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { loadedWithOf, type MadeByModel } from '@/protocol/made-by-model.ts';
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
 * @param made  the model that made it, where that was kept: it counts, not how the model is loaded now
 * @throws {Failure} 'invalidConfig' without a model
 */
export function modelPart({ info, sourceId }: Pick<ModelView, 'info' | 'sourceId'>, made?: MadeByModel): ModelPart {
  if (info === null) throw notRepeatable('No model is loaded, so that there is none to name in the scenario.');
  if (made !== undefined && made.key !== modelKeyOf(info))
    throw notRepeatable(`${made.name} made it, and another model is loaded.`);
  const { sha256 } = info;
  const { quantization, ...options } = made?.loadedWith ?? loadedWithOf(info);
  const common = {
    options: { ...options, ...(quantization !== 'none' && { quantization }) },
    ...(sha256 !== null && { sha256 }),
  };
  if (sourceId !== null) return { model: { source: onThisServer(sourceId), ...common }, note: '' };
  if (info.format !== 'gguf')
    throw notRepeatable(
      'The model was opened from a folder of files, which a scenario cannot name. Load it by its address or repository, and do it again.',
    );
  const name = fileNameOf(info);
  return {
    model: { source: `/models/${name}`, ...common },
    environment: { network: [{ url: `**/models/${name}`, respond: { file: name } }] },
    note: ` The model was a file: put it beside this one as ${name}.`,
  };
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
