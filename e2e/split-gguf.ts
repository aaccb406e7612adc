/** A GGUF file as two shards, as `gguf-split --no-tensor-first-split` makes them: metadata, then tensors. */

const COUNTS_AT = 8;
const METADATA_AT = 24;
const ALIGNMENT = 32;
const TYPE_U16 = 2;
const TYPE_I32 = 5;

/** @param firstTensor  name of the first tensor in the file's list, where the metadata ends */
export function splitGguf(file: Buffer, firstTensor: string): readonly [Buffer, Buffer] {
  const numTensors = Number(file.readBigUInt64LE(COUNTS_AT));
  const numEntries = Number(file.readBigUInt64LE(COUNTS_AT + 8));
  const listAt = file.indexOf(firstTensor) - 8;
  let listEnd = listAt;
  for (let tensor = 0; tensor < numTensors; tensor++) {
    const dimensionsAt = listEnd + 8 + Number(file.readBigUInt64LE(listEnd));
    // Its sizes, its type and its offset.
    listEnd = dimensionsAt + 4 + 8 * file.readUInt32LE(dimensionsAt) + 4 + 8;
  }
  const dataAt = Math.ceil(listEnd / ALIGNMENT) * ALIGNMENT;
  const first = [head(0, numEntries + 3), file.subarray(METADATA_AT, listAt), splitEntries(0, numTensors)];
  const second = [head(numTensors, 3), splitEntries(1, numTensors), file.subarray(listAt, listEnd)];
  return [padded(first), Buffer.concat([padded(second), file.subarray(dataAt)])];
}

function head(numTensors: number, numEntries: number): Buffer {
  const bytes = Buffer.alloc(METADATA_AT);
  bytes.write('GGUF');
  bytes.writeUInt32LE(3, 4);
  bytes.writeBigUInt64LE(BigInt(numTensors), COUNTS_AT);
  bytes.writeBigUInt64LE(BigInt(numEntries), COUNTS_AT + 8);
  return bytes;
}

function splitEntries(number: number, numTensors: number): Buffer {
  return Buffer.concat([
    entry('split.no', TYPE_U16, number),
    entry('split.count', TYPE_U16, 2),
    entry('split.tensors.count', TYPE_I32, numTensors),
  ]);
}

function entry(key: string, type: number, value: number): Buffer {
  const bytes = Buffer.alloc(8 + key.length + 4 + (type === TYPE_U16 ? 2 : 4));
  bytes.writeBigUInt64LE(BigInt(key.length), 0);
  bytes.write(key, 8);
  bytes.writeUInt32LE(type, 8 + key.length);
  if (type === TYPE_U16) bytes.writeUInt16LE(value, 12 + key.length);
  else bytes.writeInt32LE(value, 12 + key.length);
  return bytes;
}

function padded(parts: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([bytes, Buffer.alloc((ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT)]);
}
