// Linear layer for many tokens, a workgroup per 64 output rows and 32 tokens.     y[t, r] = sum_c w[r, c] * x[t, c]
// values, scales: weights in tiles of four rows (layout in the prelude)    x: [T, D] f32    y: [T, y_stride] f32
// 32 columns at a time are put into shared memory: every weight is unpacked once for 32 tokens, every input read once for
// 64 rows. A thread then owns eight rows and four tokens in registers. Neighbouring threads unpack neighbouring tile
// pairs, even and odd tiles apart, so that neither stores nor loads of shared memory meet in a bank.
// The fastest shape for many tokens where many lanes wait for memory (real GPUs). Tokens past the last repeat it, tiles
// past the last repeat it, and neither is stored.
// Prelude: apply, load_quants, load_affine, finish.    Reference: linear.reference.ts

override COLUMNS: u32;
override WORDS_PER_GROUP: u32;

struct Params { num_tile_pairs: u32, num_tokens: u32, y_stride: u32, y_offset: u32 }

@group(0) @binding(0) var<storage, read>       values: array<vec4u>;
@group(0) @binding(1) var<storage, read>       scales: array<vec4u>;
@group(0) @binding(2) var<storage, read>       x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<uniform>             params: Params;

var<workgroup> weights: array<vec4f, 512>;   // [32 columns, even and odd tiles, 8 tile pairs]
var<workgroup> inputs: array<vec4f, 256>;    // [32 tokens, 8 times four columns]

// Eight columns of one tile, as numbers; zeros past the last column.
fn fill_weights(tile: u32, word: u32, place: u32) {
  if (word >= COLUMNS / 8u) {
    for (var c = 0u; c < 8u; c++) { weights[place + c * 16u] = vec4f(); }
    return;
  }
  let w = load_quants(tile, word);
  let affine = load_affine(tile, word / WORDS_PER_GROUP);
  let low = apply(w.low, affine);
  let high = apply(w.high, affine);
  weights[place] = low.c0;
  weights[place + 16u] = low.c1;
  weights[place + 32u] = low.c2;
  weights[place + 48u] = low.c3;
  weights[place + 64u] = high.c0;
  weights[place + 80u] = high.c1;
  weights[place + 96u] = high.c2;
  weights[place + 112u] = high.c3;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first_pair = group_id.x * 8u;
  let first_token = group_id.y * 32u;
  let last = params.num_tokens - 1u;
  // What this thread puts into shared memory ...
  let filled_pair = min(first_pair + lane % 8u, params.num_tile_pairs - 1u);
  let filled_half = lane / 8u % 2u;
  let filled_word = lane / 16u;
  let filled_place = filled_word * 128u + filled_half * 8u + lane % 8u;
  // ... and what it computes.
  let pair = lane % 8u;
  let tokens = lane / 8u * 32u;   // the first of its tokens in `inputs`
  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
  var b0 = vec4f(); var b1 = vec4f(); var b2 = vec4f(); var b3 = vec4f();
  for (var first_word = 0u; first_word < COLUMNS / 8u; first_word += 4u) {
    workgroupBarrier();
    fill_weights(filled_pair * 2u + filled_half, first_word + filled_word, filled_place);
    for (var i = lane; i < 256u; i += 64u) {
      let quad = first_word * 2u + i % 8u;
      let token = min(first_token + i / 8u, last);
      if (quad < COLUMNS / 4u) { inputs[i] = x[token * (COLUMNS / 4u) + quad]; } else { inputs[i] = vec4f(); }
    }
    workgroupBarrier();
    for (var quad = 0u; quad < 8u; quad++) {
      let p0 = inputs[tokens + quad];
      let p1 = inputs[tokens + 8u + quad];
      let p2 = inputs[tokens + 16u + quad];
      let p3 = inputs[tokens + 24u + quad];
      let at = quad * 64u + pair;
      var a = weights[at];
      var b = weights[at + 8u];
      a0 += a * p0.x; a1 += a * p1.x; a2 += a * p2.x; a3 += a * p3.x;
      b0 += b * p0.x; b1 += b * p1.x; b2 += b * p2.x; b3 += b * p3.x;
      a = weights[at + 16u];
      b = weights[at + 24u];
      a0 += a * p0.y; a1 += a * p1.y; a2 += a * p2.y; a3 += a * p3.y;
      b0 += b * p0.y; b1 += b * p1.y; b2 += b * p2.y; b3 += b * p3.y;
      a = weights[at + 32u];
      b = weights[at + 40u];
      a0 += a * p0.z; a1 += a * p1.z; a2 += a * p2.z; a3 += a * p3.z;
      b0 += b * p0.z; b1 += b * p1.z; b2 += b * p2.z; b3 += b * p3.z;
      a = weights[at + 48u];
      b = weights[at + 56u];
      a0 += a * p0.w; a1 += a * p1.w; a2 += a * p2.w; a3 += a * p3.w;
      b0 += b * p0.w; b1 += b * p1.w; b2 += b * p2.w; b3 += b * p3.w;
    }
  }
  let tile_pair = first_pair + pair;
  let token = first_token + lane / 8u * 4u;
  if (tile_pair >= params.num_tile_pairs) { return; }
  if (token <= last) { finish(token, tile_pair, a0, b0); }
  if (token + 1u <= last) { finish(token + 1u, tile_pair, a1, b1); }
  if (token + 2u <= last) { finish(token + 2u, tile_pair, a2, b2); }
  if (token + 3u <= last) { finish(token + 3u, tile_pair, a3, b3); }
}
