/** Files of a drop. Folders are looked into, one level deep, as the folder button does for model folders. */

/** What a drag carries, as far as it is used. */
export interface DropData {
  readonly files: Iterable<File>;
  readonly items: Iterable<{
    readonly kind: string;
    readonly webkitGetAsEntry?: () => FileSystemEntry | null;
  }>;
}

/** More than any model has; a folder of photographs is not read to its end. */
const MOST_FILES = 2000;

/** Whether a drag carries files, which is all that can be told before they are dropped. */
export function carriesFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') ?? false;
}

/**
 * Call it in the drop's own handler: the browser empties the data behind it.
 *
 * @throws if the browser does not give a file of the folder
 */
export async function filesOfDrop(data: DropData): Promise<File[]> {
  const loose = [...data.files];
  const entries = [...data.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory === true)) return loose;
  const files: File[] = [];
  for (const entry of entries) {
    if (entry === null) continue;
    if (isFile(entry)) files.push(await fileOf(entry));
    else if (isFolder(entry)) files.push(...(await filesOfFolder(entry)));
  }
  return files.slice(0, MOST_FILES);
}

async function filesOfFolder(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const files: File[] = [];
  // A reader gives a hundred at a time, and nothing when it is through.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (entries.length === 0 || files.length >= MOST_FILES) return files;
    for (const entry of entries) if (isFile(entry) && !entry.name.startsWith('.')) files.push(await fileOf(entry));
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });
}
