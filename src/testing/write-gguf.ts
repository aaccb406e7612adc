/** Writes small GGUF files for tests, sound or broken. */
import { BLOCK_FORMATS, type TensorType } from '@/engine/quantisation/gguf-blocks.ts';

/** A metadata value with its type in the file. */
export type MetadataValue =
  | { readonly u32: number }
  | { readonly u64: bigint }
  | { readonly f32: number }
  | { readonly bool: boolean }
  | { readonly string: string }
  | { readonly strings: readonly string[] }
  | { readonly i32s: readonly number[] }
  /** Type number and bytes as they stand. */
  | { readonly raw: { readonly type: number; readonly bytes: readonly number[] } };

export interface TensorToWrite {
  readonly name: string;
  readonly type: TensorType | { readonly id: number };
  /** Row-major, as in TensorInfo. */
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  /** Overrides the offset in the table. */
  readonly offset?: bigint;
}

export interface GgufToWrite {
  readonly version?: number;
  readonly alignment?: number;
  readonly metadata?: Readonly<Record<string, MetadataValue>> | readonly (readonly [string, MetadataValue])[];
  readonly tensors?: readonly TensorToWrite[];
  /** Override the counts in front of the tables. */
  readonly tensorCount?: bigint;
  readonly metadataCount?: bigint;
}

export class ByteWriter {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  u32(value: number): this {
    return this.#view(4, (view) => view.setUint32(0, value, true));
  }

  u64(value: bigint | number): this {
    return this.#view(8, (view) => view.setBigUint64(0, BigInt(value), true));
  }

  f32(value: number): this {
    return this.#view(4, (view) => view.setFloat32(0, value, true));
  }

  string(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.u64(bytes.length).raw(bytes);
  }

  pad(alignment: number): this {
    while (this.#bytes.length % alignment !== 0) this.#bytes.push(0);
    return this;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#bytes);
  }

  #view(size: number, set: (view: DataView) => void): this {
    const bytes = new Uint8Array(size);
    set(new DataView(bytes.buffer));
    return this.raw(bytes);
  }
}

export function writeGguf(file: GgufToWrite): Uint8Array<ArrayBuffer> {
  const { version = 3, alignment = 32, tensors = [] } = file;
  const given = file.metadata ?? {};
  const metadata = Array.isArray(given) ? given : Object.entries(given);
  const writer = new ByteWriter().raw(new TextEncoder().encode('GGUF')).u32(version);
  writer.u64(file.tensorCount ?? tensors.length).u64(file.metadataCount ?? metadata.length);
  for (const [key, value] of metadata) writeValue(writer.string(key), value);
  let offset = 0;
  for (const tensor of tensors) {
    writeTensorInfo(writer, tensor, offset);
    offset += Math.ceil(tensor.bytes.length / alignment) * alignment;
  }
  for (const tensor of tensors) writer.pad(alignment).raw(tensor.bytes);
  return writer.pad(alignment).finish();
}

function writeTensorInfo(writer: ByteWriter, tensor: TensorToWrite, offset: number): void {
  writer.string(tensor.name).u32(tensor.shape.length);
  for (const size of tensor.shape.toReversed()) writer.u64(size);
  const { id } = typeof tensor.type === 'string' ? BLOCK_FORMATS[tensor.type] : tensor.type;
  if (id === null) throw new Error('GGUF files have no tensors of this type.');
  writer.u32(id);
  writer.u64(tensor.offset ?? offset);
}

function writeValue(writer: ByteWriter, value: MetadataValue): void {
  if ('u32' in value) writer.u32(4).u32(value.u32);
  else if ('u64' in value) writer.u32(10).u64(value.u64);
  else if ('f32' in value) writer.u32(6).f32(value.f32);
  else if ('bool' in value) writer.u32(7).raw([value.bool ? 1 : 0]);
  else if ('string' in value) writer.u32(8).string(value.string);
  else if ('raw' in value) writer.u32(value.raw.type).raw(value.raw.bytes);
  else if ('strings' in value) {
    writer.u32(9).u32(8).u64(value.strings.length);
    for (const text of value.strings) writer.string(text);
  } else {
    writer.u32(9).u32(5).u64(value.i32s.length);
    for (const number of value.i32s) writer.u32(number);
  }
}
