// Linear layer, backward: a thread per eight columns and eight tokens.      dx[t, c] = sum_r w[r, c] * dy[t, r]
// values, scales: weights in tiles of four rows (layout in the prelude)    dy: [T, dy_stride] f32    dx: [T, D] f32
// A thread walks down its word of all tiles; a tile, unpacked and read row by row, serves eight tokens, so that the
// product with the transposed matrix needs no second copy. Larger blocks of registers were slower on software adapters.
// Tokens past the last repeat it and are not stored. Rows past the last of the matrix are left out, whatever dy holds.
// Prelude: load_rows, low_columns, high_columns.    Reference: linear-backward.reference.ts
// Derivation: docs/maths/transformer-backward.md

override WORKGROUP_SIZE: u32 = 16;
override COLUMNS: u32;
override WORDS_PER_GROUP: u32;
override HAS_PART_TILE: u32;   // 1: the number of rows is no multiple of four
override ADDS: u32;            // 1: dx += instead of dx =

struct Params { num_rows: u32, num_tokens: u32, dy_stride: u32, dy_offset: u32 }

@group(0) @binding(0) var<storage, read>       values: array<vec4u>;
@group(0) @binding(1) var<storage, read>       scales: array<vec4u>;
@group(0) @binding(2) var<storage, read>       dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<uniform>             params: Params;

fn load_dy(row: u32, tile: u32) -> vec4f {
  let d = dy[row + tile];
  if (HAS_PART_TILE == 0u) { return d; }
  return select(vec4f(), d, vec4u(tile * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(params.num_rows));
}

fn finish(token: u32, word: u32, low: vec4f, high: vec4f) {
  let at = token * (COLUMNS / 4u) + word * 2u;
  if (ADDS == 1u) {
    dx[at] += low;
    dx[at + 1u] += high;
  } else {
    dx[at] = low;
    dx[at + 1u] = high;
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let word = id.x;
  if (word >= COLUMNS / 8u) { return; }
  let first = id.y * 8u;
  let last = params.num_tokens - 1u;
  let stride = params.dy_stride / 4u;
  let offset = params.dy_offset / 4u;
  let r0 = first * stride + offset;
  let r1 = min(first + 1u, last) * stride + offset;
  let r2 = min(first + 2u, last) * stride + offset;
  let r3 = min(first + 3u, last) * stride + offset;
  let r4 = min(first + 4u, last) * stride + offset;
  let r5 = min(first + 5u, last) * stride + offset;
  let r6 = min(first + 6u, last) * stride + offset;
  let r7 = min(first + 7u, last) * stride + offset;
  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
  var a4 = vec4f(); var a5 = vec4f(); var a6 = vec4f(); var a7 = vec4f();
  var b0 = vec4f(); var b1 = vec4f(); var b2 = vec4f(); var b3 = vec4f();
  var b4 = vec4f(); var b5 = vec4f(); var b6 = vec4f(); var b7 = vec4f();
  for (var tile = 0u; tile * 4u < params.num_rows; tile++) {
    let w = load_rows(tile, word);
    var d = load_dy(r0, tile); a0 += low_columns(w, d); b0 += high_columns(w, d);
    d = load_dy(r1, tile); a1 += low_columns(w, d); b1 += high_columns(w, d);
    d = load_dy(r2, tile); a2 += low_columns(w, d); b2 += high_columns(w, d);
    d = load_dy(r3, tile); a3 += low_columns(w, d); b3 += high_columns(w, d);
    d = load_dy(r4, tile); a4 += low_columns(w, d); b4 += high_columns(w, d);
    d = load_dy(r5, tile); a5 += low_columns(w, d); b5 += high_columns(w, d);
    d = load_dy(r6, tile); a6 += low_columns(w, d); b6 += high_columns(w, d);
    d = load_dy(r7, tile); a7 += low_columns(w, d); b7 += high_columns(w, d);
  }
  finish(first, word, a0, b0);
  if (first + 1u <= last) { finish(first + 1u, word, a1, b1); }
  if (first + 2u <= last) { finish(first + 2u, word, a2, b2); }
  if (first + 3u <= last) { finish(first + 3u, word, a3, b3); }
  if (first + 4u <= last) { finish(first + 4u, word, a4, b4); }
  if (first + 5u <= last) { finish(first + 5u, word, a5, b5); }
  if (first + 6u <= last) { finish(first + 6u, word, a6, b6); }
  if (first + 7u <= last) { finish(first + 7u, word, a7, b7); }
}
