// Linear layer for two tokens, a thread per eight output rows.      y[t, r] = sum_c w[r, c] * x[t, c]
// values, scales: weights in tiles of four rows (layout in the prelude)    x: [2, D] f32    y: [2, y_stride] f32
// As linear-thread-1, but every unpacked weight serves both tokens.
// Prelude: add_columns, load_quants, load_affine, finish.    Reference: linear.reference.ts

override WORKGROUP_SIZE: u32 = 16;
override COLUMNS: u32;
override WORDS_PER_GROUP: u32;

struct Params { num_tile_pairs: u32, num_tokens: u32, y_stride: u32, y_offset: u32 }

@group(0) @binding(0) var<storage, read>       values: array<vec4u>;
@group(0) @binding(1) var<storage, read>       scales: array<vec4u>;
@group(0) @binding(2) var<storage, read>       x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let tile_pair = id.x;
  if (tile_pair >= params.num_tile_pairs) { return; }
  let tile = tile_pair * 2u;
  let row = COLUMNS / 4u;
  var sum_a0 = vec4f();
  var sum_b0 = vec4f();
  var sum_a1 = vec4f();
  var sum_b1 = vec4f();
  for (var group = 0u; group < COLUMNS / 8u / WORDS_PER_GROUP; group++) {
    var dot_a0 = vec4f();
    var dot_b0 = vec4f();
    var dot_a1 = vec4f();
    var dot_b1 = vec4f();
    var sum_x0 = vec4f();
    var sum_x1 = vec4f();
    for (var i = 0u; i < WORDS_PER_GROUP; i++) {
      let word = group * WORDS_PER_GROUP + i;
      let x00 = x[word * 2u];
      let x01 = x[word * 2u + 1u];
      let x10 = x[row + word * 2u];
      let x11 = x[row + word * 2u + 1u];
      sum_x0 += x00 + x01;
      sum_x1 += x10 + x11;
      let a = load_quants(tile, word);
      dot_a0 = add_columns(dot_a0, a, x00, x01);
      dot_a1 = add_columns(dot_a1, a, x10, x11);
      let b = load_quants(tile + 1u, word);
      dot_b0 = add_columns(dot_b0, b, x00, x01);
      dot_b1 = add_columns(dot_b1, b, x10, x11);
    }
    let total0 = sum_x0.x + sum_x0.y + sum_x0.z + sum_x0.w;
    let total1 = sum_x1.x + sum_x1.y + sum_x1.z + sum_x1.w;
    let affine_a = load_affine(tile, group);
    let affine_b = load_affine(tile + 1u, group);
    sum_a0 += affine_a.scale * dot_a0 + affine_a.min * total0;
    sum_b0 += affine_b.scale * dot_b0 + affine_b.min * total0;
    sum_a1 += affine_a.scale * dot_a1 + affine_a.min * total1;
    sum_b1 += affine_b.scale * dot_b1 + affine_b.min * total1;
  }
  finish(0u, tile_pair, sum_a0, sum_b0);
  finish(1u, tile_pair, sum_a1, sum_b1);
}
