import { describe, expect, test } from 'vitest';
import { filesOfDrop, type DropData } from './dropped-files.ts';

const file = (name: string): File => new File(['x'], name);

function fileEntry(name: string): FileSystemEntry {
  const entry = { isFile: true, isDirectory: false, name, file: (done: (file: File) => void) => done(file(name)) };
  return entry as unknown as FileSystemEntry;
}

/** As browsers do it: in parts, and nothing at the end. */
function folderEntry(name: string, parts: readonly (readonly FileSystemEntry[])[]): FileSystemEntry {
  const left = [...parts, []];
  const createReader = (): object => ({
    readEntries: (done: (entries: readonly FileSystemEntry[]) => void) => done(left.shift() ?? []),
  });
  return { isFile: false, isDirectory: true, name, createReader } as unknown as FileSystemEntry;
}

function dropOf(files: readonly File[], entries: readonly (FileSystemEntry | null)[]): DropData {
  return { files, items: entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry })) };
}

const namesOf = async (data: DropData): Promise<string[]> => (await filesOfDrop(data)).map(({ name }) => name);

describe('files of a drop', () => {
  test('loose files are taken as they are, also where the browser has no entries', async () => {
    const files = [file('a.gguf'), file('b.gguf')];
    expect(await filesOfDrop(dropOf(files, [null, null]))).toEqual(files);
    expect(await filesOfDrop({ files, items: [{ kind: 'string' }, { kind: 'file' }] })).toEqual(files);
  });

  test('a folder gives its files of one level, in all parts, without hidden ones', async () => {
    const inner = folderEntry('onnx', [[fileEntry('deep.bin')]]);
    const folder = folderEntry('model', [
      [fileEntry('config.json'), fileEntry('.DS_Store'), inner],
      [fileEntry('model.safetensors')],
    ]);
    const names = await namesOf(dropOf([file('model')], [folder, fileEntry('more.json'), null]));
    expect(names).toEqual(['config.json', 'model.safetensors', 'more.json']);
  });

  test('a folder without an end is not read to its end', async () => {
    const endless = Array.from({ length: 50 }, (_, part) =>
      Array.from({ length: 100 }, (_each, index) => fileEntry(`${part}-${index}.jpg`)),
    );
    expect(await namesOf(dropOf([], [folderEntry('photos', endless)]))).toHaveLength(2000);
  });

  test('a file that the browser does not give rejects', async () => {
    const gone = {
      isFile: true,
      isDirectory: false,
      name: 'x',
      file: (_done: unknown, fail: (error: Error) => void) => fail(new Error('gone')),
    } as unknown as FileSystemEntry;
    await expect(filesOfDrop(dropOf([], [folderEntry('f', []), gone]))).rejects.toThrow('gone');
  });
});
