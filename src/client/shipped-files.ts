import { useEffect, useState } from 'react';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ShippedPanel } from '@/protocol/shared-content.ts';

/** A folder of recordings that comes with the page, with an index of it. */
export class ShippedFolder<Entry> {
  readonly #folder: string;
  readonly #entryOf: (entry: object, file: string) => Entry | null;
  #listed: Promise<readonly Entry[]> | undefined;

  /**
   * @param path     below the page's own address
   * @param entryOf  null for an entry that is not whole
   */
  constructor(path: string, entryOf: (entry: object, file: string) => Entry | null) {
    this.#folder = `${import.meta.env.BASE_URL}${path}/`;
    this.#entryOf = entryOf;
  }

  /** Asked for once per page. Empty where the server has none, or cannot be reached. */
  list(): Promise<readonly Entry[]> {
    this.#listed ??= fetch(`${this.#folder}index.json`)
      .then(async (response) => (response.ok ? this.#entriesOf(await response.json()) : []))
      .catch(() => []);
    return this.#listed;
  }

  /** @throws {Failure} 'downloadFailed' */
  async text(file: string): Promise<string> {
    const response = await fetch(`${this.#folder}${file}`).catch(() => undefined);
    if (response?.ok !== true)
      throw new Failure<FailureCode>('downloadFailed', 'The recorded run could not be fetched.');
    return response.text();
  }

  #entriesOf(index: unknown): readonly Entry[] {
    if (!Array.isArray(index)) return [];
    return index.flatMap((entry: unknown): Entry[] => {
      if (typeof entry !== 'object' || entry === null || !('file' in entry)) return [];
      const { file } = entry;
      if (typeof file !== 'string' || !/^[\w-]+\.json$/.test(file)) return [];
      const read = this.#entryOf(entry, file);
      return read === null ? [] : [read];
    });
  }
}

interface ShippedName {
  readonly file: string;
  readonly name: string;
}

function nameOf({ name }: { readonly name?: unknown }, file: string): ShippedName | null {
  return typeof name === 'string' ? { file, name } : null;
}

/** The recordings of each panel. */
export const RECORDINGS: Readonly<Record<ShippedPanel, ShippedFolder<ShippedName>>> = {
  thinking: new ShippedFolder('recordings', nameOf),
  negotiation: new ShippedFolder('recordings/negotiations', nameOf),
  training: new ShippedFolder('recordings/training', nameOf),
};

/** What the folder has; empty until it is known. */
export function useShipped<Entry>(folder: ShippedFolder<Entry>): readonly Entry[] {
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  useEffect(() => {
    let isWanted = true;
    void folder.list().then((found) => {
      if (isWanted) setEntries(found);
    });
    return () => {
      isWanted = false;
    };
  }, [folder]);
  return entries;
}
