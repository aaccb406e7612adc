/** What can be loaded of a repository, by its list of files. */
import type { RepositoryFile } from '@/protocol/model-storage.ts';
import { quantizationOf } from './model-address.ts';

/** A model in a GGUF file, or in several shards. */
export interface RepositoryModel {
  /** Inside the repository; of the first shard. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly numShards: number;
  /** Null where the name does not say. */
  readonly quantization: string | null;
  /** Why it is not offered; null if it is. */
  readonly problem: string | null;
}

export interface RepositoryView {
  /** Smallest first; what cannot be loaded last. */
  readonly models: readonly RepositoryModel[];
  /** Weights of the whole folder, for repositories without GGUF files; null if it has none that could be read. */
  readonly folder: { readonly format: 'safetensors' | 'MLC'; readonly sizeBytes: number } | null;
}

const SHARD = /-(\d{5})-of-(\d{5})\.gguf$/i;

export function repositoryView(files: readonly RepositoryFile[]): RepositoryView {
  const models = files.filter(({ path }) => /\.gguf$/i.test(path)).flatMap((file) => modelOf(file, files));
  const rank = ({ problem }: RepositoryModel): number => (problem === null ? 0 : 1);
  const sorted = models.toSorted((a, b) => rank(a) - rank(b) || a.sizeBytes - b.sizeBytes);
  return { models: sorted, folder: sorted.length > 0 ? null : folderOf(files) };
}

/** Nothing for shards behind the first one. */
function modelOf(file: RepositoryFile, files: readonly RepositoryFile[]): RepositoryModel[] {
  const quantization = quantizationOf(file.path);
  const [, number, count] = SHARD.exec(file.path) ?? [];
  if (number === undefined || count === undefined)
    return [{ ...file, numShards: 1, quantization, problem: problemOf(file.path, quantization) }];
  if (number !== '00001') return [];
  const stem = file.path.replace(SHARD, '');
  const shards = files.filter(({ path }) => path.startsWith(`${stem}-`) && path.endsWith(`-of-${count}.gguf`));
  const numShards = Number(count);
  const sizeBytes = shards.reduce((sum, shard) => sum + shard.sizeBytes, 0);
  const problem =
    shards.length === numShards
      ? problemOf(file.path, quantization)
      : `The repository has ${shards.length} of its ${numShards} shards.`;
  return [{ path: file.path, sizeBytes, numShards, quantization, problem }];
}

function problemOf(path: string, quantization: string | null): string | null {
  if (/mmproj|imatrix/i.test(path)) return 'It holds no language model.';
  return quantization !== null && /^IQ|^TQ|^Q4_0_\d/.test(quantization)
    ? `Duet’s engine does not read ${quantization}.`
    : null;
}

function folderOf(files: readonly RepositoryFile[]): RepositoryView['folder'] {
  const has = (pattern: RegExp): boolean => files.some(({ path }) => pattern.test(path));
  const sizeOf = (pattern: RegExp): number =>
    files.filter(({ path }) => pattern.test(path)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (has(/^(tensor|ndarray)-cache\.json$/)) return { format: 'MLC', sizeBytes: sizeOf(/^params_shard_\d+\.bin$/) };
  if (has(/^config\.json$/) && has(/^[^/]+\.safetensors$/))
    return { format: 'safetensors', sizeBytes: sizeOf(/^[^/]+\.safetensors$/) };
  return null;
}

/** What `loadModel` takes for a file of a repository, or for the whole folder where the path is empty. */
export function repositoryAddress(repo: string, revision: string | null, path = ''): string {
  const parts = path.split('/').map(encodeURIComponent);
  return `https://huggingface.co/${repo}/resolve/${encodeURIComponent(revision ?? 'main')}/${parts.join('/')}`;
}
