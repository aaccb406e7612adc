// Linear layer, a workgroup per eight output rows and TOKENS tokens.      y[t, r] = sum_c w[r, c] * x[t, c]
// values, scales: weights in tiles of four rows (layout in the prelude)    x: [T, D] f32    y: [T, y_stride] f32
// Lanes stride over the words of the two tiles, so neighbouring lanes read neighbouring vectors; a tree in shared memory
// adds their sums. The fastest shape where many lanes wait for memory (real GPUs). Tokens past the last repeat it.
// Prelude: add_columns, load_quants, load_affine, finish.    Reference: linear.reference.ts

override WORKGROUP_SIZE: u32 = 32;   // power of two
override TOKENS: u32 = 1;            // 1 to 4
override COLUMNS: u32;
override WORDS_PER_GROUP: u32;

struct Params { num_tile_pairs: u32, num_tokens: u32, y_stride: u32, y_offset: u32 }

@group(0) @binding(0) var<storage, read>       values: array<vec4u>;
@group(0) @binding(1) var<storage, read>       scales: array<vec4u>;
@group(0) @binding(2) var<storage, read>       x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<uniform>             params: Params;

var<workgroup> partial_a: array<vec4f, WORKGROUP_SIZE>;
var<workgroup> partial_b: array<vec4f, WORKGROUP_SIZE>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile_pair = group_id.x + group_id.z * 32768u;
  let first = group_id.y * TOKENS;
  let last = params.num_tokens - 1u;
  let row = COLUMNS / 4u;
  let is_inside = tile_pair < params.num_tile_pairs;
  var sums_a = array<vec4f, 4>();
  var sums_b = array<vec4f, 4>();
  if (is_inside) {
    let tile = tile_pair * 2u;
    for (var word = lane; word < COLUMNS / 8u; word += WORKGROUP_SIZE) {
      let a = load_quants(tile, word);
      let b = load_quants(tile + 1u, word);
      let affine_a = load_affine(tile, word / WORDS_PER_GROUP);
      let affine_b = load_affine(tile + 1u, word / WORDS_PER_GROUP);
      for (var t = 0u; t < TOKENS; t++) {
        let at = min(first + t, last) * row + word * 2u;
        let x0 = x[at];
        let x1 = x[at + 1u];
        let s = x0 + x1;
        let total = s.x + s.y + s.z + s.w;
        sums_a[t] += affine_a.scale * add_columns(vec4f(), a, x0, x1) + affine_a.min * total;
        sums_b[t] += affine_b.scale * add_columns(vec4f(), b, x0, x1) + affine_b.min * total;
      }
    }
  }
  for (var t = 0u; t < TOKENS; t++) {
    partial_a[lane] = sums_a[t];
    partial_b[lane] = sums_b[t];
    workgroupBarrier();
    for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
      if (lane < half) {
        partial_a[lane] += partial_a[lane + half];
        partial_b[lane] += partial_b[lane + half];
      }
      workgroupBarrier();
    }
    if (lane == 0u && is_inside && first + t <= last) { finish(first + t, tile_pair, partial_a[0], partial_b[0]); }
    workgroupBarrier();
  }
}
