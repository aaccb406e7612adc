/** Key and value cache of the CPU oracle. */
import type { ModelConfig } from './model-config.ts';

/** What sizes a block: layers, KV heads, head size. */
export type ReferenceBlockShape = Pick<ModelConfig, 'numHiddenLayers' | 'numKeyValueHeads' | 'headDim'>;

/**
 * Keys (rotated at block-local positions 0, 1, 2, ...) and values of one run of tokens, all layers.
 * Storage per layer: [capacity, Hkv, K] in double precision; entries behind `length` are meaningless.
 */
export class ReferenceBlock {
  readonly name: string;
  readonly shape: ReferenceBlockShape;
  /** Floats of one token in one layer: Hkv * K. */
  readonly tokenWidth: number;
  #keys: Float64Array[];
  #values: Float64Array[];
  #length = 0;

  constructor(name: string, shape: ReferenceBlockShape) {
    this.name = name;
    this.shape = shape;
    this.tokenWidth = shape.numKeyValueHeads * shape.headDim;
    this.#keys = Array.from({ length: shape.numHiddenLayers }, () => new Float64Array());
    this.#values = Array.from({ length: shape.numHiddenLayers }, () => new Float64Array());
  }

  get length(): number {
    return this.#length;
  }

  /** Keys of a layer, [length, Hkv, K]; a view into the block's storage. */
  keys(layer: number): Float64Array {
    return layerOf(this.#keys, layer).subarray(0, this.#length * this.tokenWidth);
  }

  /** Values of a layer, [length, Hkv, K]; a view into the block's storage. */
  values(layer: number): Float64Array {
    return layerOf(this.#values, layer).subarray(0, this.#length * this.tokenWidth);
  }

  /** Makes room for more tokens; the caller writes their keys and values. */
  extend(numTokens: number): void {
    const length = this.#length + numTokens;
    this.#keys = this.#keys.map((stored) => grown(stored, length * this.tokenWidth));
    this.#values = this.#values.map((stored) => grown(stored, length * this.tokenWidth));
    this.#length = length;
  }

  /** @throws {RangeError} if `length` is negative or above the block's length */
  truncate(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.#length)
      throw new RangeError(`Block "${this.name}" holds ${this.#length} tokens and cannot be cut to ${length}.`);
    this.#length = length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** A copy of the first `length` tokens, default all. */
  fork(name: string, length: number = this.#length): ReferenceBlock {
    const copy = new ReferenceBlock(name, this.shape);
    copy.#keys = this.#keys.map((stored) => stored.slice());
    copy.#values = this.#values.map((stored) => stored.slice());
    copy.#length = this.#length;
    copy.truncate(length);
    return copy;
  }
}

function layerOf(layers: readonly Float64Array[], layer: number): Float64Array {
  const stored = layers[layer];
  if (stored === undefined) throw new RangeError(`There is no layer ${layer}; the model has ${layers.length}.`);
  return stored;
}

function grown(stored: Float64Array, size: number): Float64Array {
  if (size <= stored.length) return stored;
  const larger = new Float64Array(Math.max(size, 2 * stored.length));
  larger.set(stored);
  return larger;
}
