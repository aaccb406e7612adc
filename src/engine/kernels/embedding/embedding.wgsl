// Token embedding look-up.      x[t, :] = dequantised row token_ids[ids_at + t] - first_id
// values, scales: embedding matrix [num_rows, D] in tiles of four rows (layout in the prelude)    x: [T, D] f32
// A thread per token and word of eight columns. The matrix may be a part of the vocabulary: ids of other parts are left
// alone. An id outside the whole vocabulary gives NaN, so that it cannot pass unseen.
// Prelude: load_quants, load_affine.    Reference: embedding.reference.ts

override WORKGROUP_SIZE: u32 = 64;
override COLUMNS: u32;
override WORDS_PER_GROUP: u32;

struct Params { ids_at: u32, first_id: u32, num_rows: u32, vocab_size: u32 }

@group(0) @binding(0) var<storage, read>       values: array<vec4u>;
@group(0) @binding(1) var<storage, read>       scales: array<vec4u>;
@group(0) @binding(2) var<storage, read>       token_ids: array<u32>;
@group(0) @binding(3) var<storage, read_write> x: array<vec4f>;
@group(0) @binding(4) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let word = id.x;
  let token = id.y;
  if (word >= COLUMNS / 8u) { return; }
  let at = (token * COLUMNS + word * 8u) / 4u;
  let token_id = token_ids[params.ids_at + token];
  if (token_id >= params.vocab_size) {
    let nan = bitcast<f32>(0x7fc00000u | (token_id & 1u));
    x[at] = vec4f(nan);
    x[at + 1u] = vec4f(nan);
    return;
  }
  // An id in front of the part wraps round and lies behind it.
  let row = token_id - params.first_id;
  if (row >= params.num_rows) { return; }
  let tile = row / 4u;
  let lane = row % 4u;
  let q = load_quants(tile, word);
  let affine = load_affine(tile, word / WORDS_PER_GROUP);
  let scale = affine.scale[lane];
  let minimum = affine.min[lane];
  x[at] = vec4f(q.low.c0[lane], q.low.c1[lane], q.low.c2[lane], q.low.c3[lane]) * scale + minimum;
  x[at + 1u] = vec4f(q.high.c0[lane], q.high.c1[lane], q.high.c2[lane], q.high.c3[lane]) * scale + minimum;
}
