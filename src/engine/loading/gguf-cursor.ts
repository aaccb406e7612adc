import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';

/** Numbers of an array keep their element type; booleans are 0 and 1. */
export type GgufArray =
  | readonly string[]
  | readonly GgufArray[]
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array;

/** 64-bit integers outside the safe range stay bigint. */
export type GgufValue = number | bigint | boolean | string | GgufArray;

/** The piece that was read ends in front of a value; `end` is the least length that holds it. */
export class NeedsMoreBytes extends Error {
  override readonly name = 'NeedsMoreBytes';
  readonly field: string;
  readonly end: number;

  constructor(field: string, end: number) {
    super(`${field} ends at byte ${end}`);
    this.field = field;
    this.end = end;
  }
}

/** Numbers of the value types in the file. */
const VALUE_TYPES = {
  u8: 0,
  i8: 1,
  u16: 2,
  i16: 3,
  u32: 4,
  i32: 5,
  f32: 6,
  bool: 7,
  string: 8,
  array: 9,
  u64: 10,
  i64: 11,
  f64: 12,
} as const;

/** Arrays of numbers are copied whole: type number -> bytes per item and constructor. */
const NUMBER_ARRAYS: ReadonlyMap<number, { itemBytes: number; from: (bytes: ArrayBuffer) => GgufArray }> = new Map([
  [VALUE_TYPES.u8, { itemBytes: 1, from: (bytes: ArrayBuffer) => new Uint8Array(bytes) }],
  [VALUE_TYPES.i8, { itemBytes: 1, from: (bytes: ArrayBuffer) => new Int8Array(bytes) }],
  [VALUE_TYPES.u16, { itemBytes: 2, from: (bytes: ArrayBuffer) => new Uint16Array(bytes) }],
  [VALUE_TYPES.i16, { itemBytes: 2, from: (bytes: ArrayBuffer) => new Int16Array(bytes) }],
  [VALUE_TYPES.u32, { itemBytes: 4, from: (bytes: ArrayBuffer) => new Uint32Array(bytes) }],
  [VALUE_TYPES.i32, { itemBytes: 4, from: (bytes: ArrayBuffer) => new Int32Array(bytes) }],
  [VALUE_TYPES.f32, { itemBytes: 4, from: (bytes: ArrayBuffer) => new Float32Array(bytes) }],
  [VALUE_TYPES.bool, { itemBytes: 1, from: (bytes: ArrayBuffer) => new Uint8Array(bytes) }],
  [VALUE_TYPES.u64, { itemBytes: 8, from: (bytes: ArrayBuffer) => new BigUint64Array(bytes) }],
  [VALUE_TYPES.i64, { itemBytes: 8, from: (bytes: ArrayBuffer) => new BigInt64Array(bytes) }],
  [VALUE_TYPES.f64, { itemBytes: 8, from: (bytes: ArrayBuffer) => new Float64Array(bytes) }],
]);

/** A choice; no writer is known to nest at all. */
const MAX_NESTING = 4;
const STRING_LENGTH_BYTES = 8;
const ARRAY_HEAD_BYTES = 12;

/** Reads values from the first piece of a file. Field names go into the errors. */
export class GgufCursor {
  offset = 0;
  readonly #file: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #fileBytes: number;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /**
   * @param bytes     the file's first bytes
   * @param fileBytes length of the whole file
   */
  constructor(file: string, bytes: Uint8Array, fileBytes: number) {
    this.#file = file;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fileBytes = fileBytes;
  }

  u32(field: string): number {
    return this.#view.getUint32(this.#take(field, 4), true);
  }

  /** @throws {Failure} 'invalidFile' above 2^53 - 1 */
  u64(field: string): number {
    const value = this.#view.getBigUint64(this.#take(field, 8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.#invalid(field, `${value} is out of range`);
    return Number(value);
  }

  /** A number of items that take at least `minItemBytes` bytes each; no more than the rest of the file can hold. */
  count(field: string, minItemBytes: number): number {
    const count = this.u64(field);
    const left = this.#fileBytes - this.offset;
    if (count * minItemBytes > left)
      throw this.#invalid(field, `${count} entries cannot fit into the ${left} bytes that are left`);
    return count;
  }

  string(field: string, maxBytes = Infinity): string {
    const length = this.count(`length of ${field}`, 1);
    if (length > maxBytes) throw this.#invalid(field, `${length} bytes, but at most ${maxBytes} are allowed`);
    const start = this.#take(field, length);
    return this.#decoder.decode(this.#bytes.subarray(start, start + length));
  }

  /** A value with its type number in front. */
  value(field: string): GgufValue {
    return this.#valueOfType(field, this.u32(`type of ${field}`), 0);
  }

  #valueOfType(field: string, type: number, depth: number): GgufValue {
    switch (type) {
      case VALUE_TYPES.u8:
        return this.#view.getUint8(this.#take(field, 1));
      case VALUE_TYPES.i8:
        return this.#view.getInt8(this.#take(field, 1));
      case VALUE_TYPES.u16:
        return this.#view.getUint16(this.#take(field, 2), true);
      case VALUE_TYPES.i16:
        return this.#view.getInt16(this.#take(field, 2), true);
      case VALUE_TYPES.u32:
        return this.u32(field);
      case VALUE_TYPES.i32:
        return this.#view.getInt32(this.#take(field, 4), true);
      case VALUE_TYPES.f32:
        return this.#view.getFloat32(this.#take(field, 4), true);
      case VALUE_TYPES.bool:
        return this.#view.getUint8(this.#take(field, 1)) !== 0;
      case VALUE_TYPES.string:
        return this.string(field);
      case VALUE_TYPES.array:
        return this.#array(field, depth);
      case VALUE_TYPES.u64:
        return toNumberIfSafe(this.#view.getBigUint64(this.#take(field, 8), true));
      case VALUE_TYPES.i64:
        return toNumberIfSafe(this.#view.getBigInt64(this.#take(field, 8), true));
      case VALUE_TYPES.f64:
        return this.#view.getFloat64(this.#take(field, 8), true);
      default:
        throw this.#invalid(field, `value type ${type} does not exist`);
    }
  }

  #array(field: string, depth: number): GgufArray {
    if (depth === MAX_NESTING) throw this.#invalid(field, `arrays are nested more than ${MAX_NESTING} deep`);
    const type = this.u32(`element type of ${field}`);
    const length = `length of ${field}`;
    const numbers = NUMBER_ARRAYS.get(type);
    if (numbers !== undefined) {
      const start = this.#take(field, this.count(length, numbers.itemBytes) * numbers.itemBytes);
      return numbers.from(this.#bytes.slice(start, this.offset).buffer);
    }
    if (type === VALUE_TYPES.string) {
      const count = this.count(length, STRING_LENGTH_BYTES);
      const strings: string[] = [];
      for (let i = 0; i < count; i++) strings.push(this.string(field));
      return strings;
    }
    if (type !== VALUE_TYPES.array) throw this.#invalid(field, `element type ${type} does not exist`);
    const count = this.count(length, ARRAY_HEAD_BYTES);
    const arrays: GgufArray[] = [];
    for (let i = 0; i < count; i++) arrays.push(this.#array(field, depth + 1));
    return arrays;
  }

  #take(field: string, length: number): number {
    const start = this.offset;
    if (start + length > this.#bytes.length) throw new NeedsMoreBytes(field, start + length);
    this.offset = start + length;
    return start;
  }

  #invalid(field: string, problem: string): Failure<FailureCode> {
    return new Failure<FailureCode>('invalidFile', `${this.#file}: ${field}: ${problem}.`, {
      file: this.#file,
      field,
    });
  }
}

function toNumberIfSafe(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
