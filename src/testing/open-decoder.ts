import { ReferenceDecoder } from './reference-decoder.ts';

export type OpenBlock = ReturnType<ReferenceDecoder['createBlock']>;

/** Leaves its blocks where a test can look at them, also after a run has disposed of them. */
export class OpenDecoder extends ReferenceDecoder {
  /** The newest of each name. */
  readonly blocks = new Map<string, OpenBlock>();

  override createBlock(name: string): OpenBlock {
    const block = super.createBlock(name);
    this.blocks.set(name, block);
    return block;
  }
}
