// Linear layer, backward: a workgroup per WORDS words of eight columns and eight tokens.
//   dx[t, c] = sum_r w[r, c] * dy[t, r]
// values, scales: weights in tiles of four rows (layout in the prelude)    dy: [T, dy_stride] f32    dx: [T, D] f32
// As linear-backward, but the tiles are dealt out to row lanes, whose sums are added in shared memory in a fixed order,
// four tokens at a time: matrices with many rows and few columns, as an LM head, fill the lanes of a real GPU too.
// Prelude: load_rows, low_columns, high_columns.    Reference: linear-backward.reference.ts
// Derivation: docs/maths/transformer-backward.md

override WORKGROUP_SIZE: u32 = 64;   // at most 128: the partial sums fill 16 KiB then
override WORDS: u32 = 4;             // divides WORKGROUP_SIZE
override COLUMNS: u32;
override WORDS_PER_GROUP: u32;
override HAS_PART_TILE: u32;         // 1: the number of rows is no multiple of four
override ADDS: u32;                  // 1: dx += instead of dx =

struct Params { num_rows: u32, num_tokens: u32, dy_stride: u32, dy_offset: u32 }

@group(0) @binding(0) var<storage, read>       values: array<vec4u>;
@group(0) @binding(1) var<storage, read>       scales: array<vec4u>;
@group(0) @binding(2) var<storage, read>       dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<uniform>             params: Params;

var<workgroup> partial: array<vec4f, WORKGROUP_SIZE * 8u>;   // [4 tokens, low and high, lane]

fn load_dy(row: u32, tile: u32) -> vec4f {
  let d = dy[row + tile];
  if (HAS_PART_TILE == 0u) { return d; }
  return select(vec4f(), d, vec4u(tile * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(params.num_rows));
}

fn keep(lane: u32, token: u32, low: vec4f, high: vec4f) {
  partial[token * 2u * WORKGROUP_SIZE + lane] = low;
  partial[(token * 2u + 1u) * WORKGROUP_SIZE + lane] = high;
}

// Adds up the row lanes of the four tokens kept, and stores those that exist.
fn finish(lane: u32, first_token: u32, first_word: u32) {
  for (var i = lane; i < WORDS * 8u; i += WORKGROUP_SIZE) {
    let half = i % 2u;
    let word = i / 2u % WORDS;
    let token = i / 2u / WORDS;
    var sum = vec4f();
    for (var place = word; place < WORKGROUP_SIZE; place += WORDS) {
      sum += partial[(token * 2u + half) * WORKGROUP_SIZE + place];
    }
    if (first_token + token < params.num_tokens && first_word + word < COLUMNS / 8u) {
      let at = (first_token + token) * (COLUMNS / 4u) + (first_word + word) * 2u + half;
      if (ADDS == 1u) { dx[at] += sum; } else { dx[at] = sum; }
    }
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first_word = group_id.x * WORDS;
  let word = min(first_word + lane % WORDS, COLUMNS / 8u - 1u);
  let first = group_id.y * 8u;
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
  for (var tile = lane / WORDS; tile * 4u < params.num_rows; tile += WORKGROUP_SIZE / WORDS) {
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
  keep(lane, 0u, a0, b0);
  keep(lane, 1u, a1, b1);
  keep(lane, 2u, a2, b2);
  keep(lane, 3u, a3, b3);
  workgroupBarrier();
  finish(lane, first, first_word);
  workgroupBarrier();
  keep(lane, 0u, a4, b4);
  keep(lane, 1u, a5, b5);
  keep(lane, 2u, a6, b6);
  keep(lane, 3u, a7, b7);
  workgroupBarrier();
  finish(lane, first + 4u, first_word);
}
