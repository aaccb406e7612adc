/** PEFT folders as one .zip or as single files. */
import { unzipSync, zipSync, type UnzipFileInfo } from 'fflate';
import { Failure } from '@/lib/failure.ts';
import { invalidAdapter } from './invalid-adapter.ts';
import { PEFT_CONFIG_NAME, PEFT_WEIGHTS_NAME, type PeftFiles } from './peft.ts';

/** Our choices. Rank 64 on all modules of a model with 1.7 billion parameters takes 290 MB. */
const LIMITS = { [PEFT_CONFIG_NAME]: 1e6, [PEFT_WEIGHTS_NAME]: 512e6 } as const;
const MAX_ZIP_ENTRIES = 10_000;

/** Any fixed time, so that equal adapters give equal files; the first one a .zip can hold. */
const FILE_TIME = new Date(1980, 0, 1);

export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Finds an adapter's two files in what was chosen: one .zip, in which they may lie in a folder, or both files.
 *
 * @param files  borrowed
 * @throws {Failure} invalidAdapter, with what to choose instead
 */
export function collectPeftFiles(files: readonly NamedFile[]): PeftFiles {
  const zip = files.find(({ bytes }) => isZip(bytes));
  if (zip !== undefined && files.length === 1) return unzipPeft(zip);
  // The names count by their ends, for browsers rename a second download: "adapter_config (1).json".
  const config = files.filter(({ name }) => name.toLowerCase().endsWith('.json'));
  const weights = files.filter(({ name }) => name.toLowerCase().endsWith('.safetensors'));
  const [first, second] = [config[0], weights[0]];
  if (first === undefined || second === undefined || files.length !== 2)
    throw invalidAdapter(
      files.map(({ name }) => name).join(', ') || 'No file',
      `Choose either one .zip of the adapter's folder, or its two files ${PEFT_CONFIG_NAME} and ${PEFT_WEIGHTS_NAME}.${hintFor(files)}`,
    );
  checkSize(first.name, first.bytes.length, LIMITS[PEFT_CONFIG_NAME]);
  checkSize(second.name, second.bytes.length, LIMITS[PEFT_WEIGHTS_NAME]);
  return { config: first.bytes, weights: second.bytes };
}

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

function hintFor(files: readonly { readonly name: string }[]): string {
  return files.some(({ name }) => /\.(bin|pt|pth)$/i.test(name))
    ? ' Files of torch.save cannot be read: save the adapter with safe_serialization=True.'
    : '';
}

function unzipPeft({ name: zipName, bytes }: NamedFile): PeftFiles {
  const entries = new Map<string, ZipEntry>();
  const others: { readonly name: string }[] = [];
  const unzipped = unzip(zipName, bytes, ({ name: path, originalSize }) => {
    const baseName = path.slice(folderOf(path).length);
    if (!isWanted(baseName)) {
      if (others.push({ name: path }) > MAX_ZIP_ENTRIES)
        throw invalidAdapter(zipName, `It holds more than ${MAX_ZIP_ENTRIES} files. Zip one adapter's folder only.`);
      return false;
    }
    const other = entries.get(baseName);
    if (other !== undefined)
      throw invalidAdapter(zipName, `It holds both ${other.path} and ${path}. Zip one adapter's folder only.`);
    checkSize(`${path} in ${zipName}`, originalSize, LIMITS[baseName]);
    entries.set(baseName, { path, sizeBytes: originalSize });
    return true;
  });
  const config = entryOf(PEFT_CONFIG_NAME, entries, others, zipName);
  const weights = entryOf(PEFT_WEIGHTS_NAME, entries, others, zipName);
  if (folderOf(config.path) !== folderOf(weights.path))
    throw invalidAdapter(
      zipName,
      `${config.path} and ${weights.path} lie in different folders. Zip one adapter's folder only.`,
    );
  return { config: take(unzipped, config, zipName), weights: take(unzipped, weights, zipName) };
}

interface ZipEntry {
  readonly path: string;
  /** As the .zip claims. */
  readonly sizeBytes: number;
}

function unzip(
  zipName: string,
  bytes: Uint8Array,
  filter: (file: UnzipFileInfo) => boolean,
): Readonly<Record<string, Uint8Array>> {
  try {
    return unzipSync(bytes, { filter });
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw invalidAdapter(zipName, 'The .zip is damaged or encrypted. Make it again, or choose the two files.');
  }
}

function entryOf(
  wanted: string,
  entries: ReadonlyMap<string, ZipEntry>,
  others: readonly { readonly name: string }[],
  zipName: string,
): ZipEntry {
  const entry = entries.get(wanted);
  if (entry === undefined)
    throw invalidAdapter(
      zipName,
      `It holds no ${wanted}. Zip the folder that save_pretrained wrote.${hintFor(others)}`,
    );
  return entry;
}

/** fflate fills the claimed size at most, so a true size that is larger shows as cut tensors. */
function take(
  unzipped: Readonly<Record<string, Uint8Array>>,
  { path, sizeBytes }: ZipEntry,
  zipName: string,
): Uint8Array<ArrayBuffer> {
  const bytes = unzipped[path];
  if (bytes === undefined || bytes.length !== sizeBytes)
    throw invalidAdapter(zipName, `${path} is not as long as it says. Make the .zip again, or choose the two files.`);
  return new Uint8Array(bytes);
}

function isWanted(baseName: string): baseName is keyof typeof LIMITS {
  return Object.hasOwn(LIMITS, baseName);
}

function checkSize(name: string, sizeBytes: number, limit: number): void {
  if (sizeBytes > limit)
    throw invalidAdapter(
      name,
      `The file has ${Math.ceil(sizeBytes / 1e6)} MB; at most ${limit / 1e6} MB are read. Choose an adapter, not a whole model.`,
    );
}

/** With the last slash; some Windows programs write backslashes. */
function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** One .zip with both files at its top, not compressed: trained weights hardly get smaller. */
export function zipPeft({ config, weights }: PeftFiles): Uint8Array<ArrayBuffer> {
  const options = { level: 0, mtime: FILE_TIME } as const;
  return new Uint8Array(zipSync({ [PEFT_CONFIG_NAME]: [config, options], [PEFT_WEIGHTS_NAME]: [weights, options] }));
}
