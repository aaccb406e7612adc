// Linear layer for one token, a thread per eight output rows.      y[r] = sum_c w[r, c] * x[c]
// values, scales: weights in tiles of four rows (layout in the prelude)    x: [D] f32    y: [rows] f32
// Every thread walks two tiles along the columns; a group's scale and minimum are applied once per group:
//   sum_c (q*scale + min) * x = scale * sum_c q*x + min * sum_c x.
// The fastest shape where lanes are few and a workgroup's barriers are dear (software adapters).
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
  var sum_a = vec4f();
  var sum_b = vec4f();
  for (var group = 0u; group < COLUMNS / 8u / WORDS_PER_GROUP; group++) {
    var dot_a = vec4f();
    var dot_b = vec4f();
    var sum_x = vec4f();
    for (var i = 0u; i < WORDS_PER_GROUP; i++) {
      let word = group * WORDS_PER_GROUP + i;
      let x0 = x[word * 2u];
      let x1 = x[word * 2u + 1u];
      sum_x += x0 + x1;
      let a = load_quants(tile, word);
      dot_a = add_columns(dot_a, a, x0, x1);
      let b = load_quants(tile + 1u, word);
      dot_b = add_columns(dot_b, b, x0, x1);
    }
    let total_x = sum_x.x + sum_x.y + sum_x.z + sum_x.w;
    let affine_a = load_affine(tile, group);
    let affine_b = load_affine(tile + 1u, group);
    sum_a += affine_a.scale * dot_a + affine_a.min * total_x;
    sum_b += affine_b.scale * dot_b + affine_b.min * total_x;
  }
  finish(0u, tile_pair, sum_a, sum_b);
}
