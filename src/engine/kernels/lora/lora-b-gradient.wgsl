// Gradient of an adapter's B, added.      gradients[b_offset + o * rank + j] += sum_t dy[t, place(o)] * a[t, a_column + j]
// dy: [T, y_stride] f32    a: [T, R] f32, scaled    gradient of B: [O, rank] f32 from b_offset on in gradients
// place(o) = floor(o / 4) * tile_stride + o % 4 + y_offset
// An output is a tile of four rows and four columns of B; SLICES lanes share its tokens, and neighbouring lanes read
// neighbouring tiles. Columns past the last repeat it and are not stored.
// Prelude: add_slices.    Derivation: docs/maths/lora-backward.md    Reference: lora.reference.ts

override WORKGROUP_SIZE: u32 = 64;
override SLICES: u32;        // power of two, at most WORKGROUP_SIZE

struct Params {
  num_tokens: u32, num_tiles: u32, rank: u32, a_stride: u32, a_column: u32, b_offset: u32,
  y_stride: u32, y_offset: u32, tile_stride: u32,
}

@group(0) @binding(0) var<storage, read>       dy: array<vec4f>;
@group(0) @binding(1) var<storage, read>       a: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradients: array<f32>;
@group(0) @binding(3) var<uniform>             params: Params;

fn finish(tile: u32, column: u32, sum: vec4f) {
  let at = params.b_offset + tile * 4u * params.rank + column;
  gradients[at] += sum.x;
  gradients[at + params.rank] += sum.y;
  gradients[at + 2u * params.rank] += sum.z;
  gradients[at + 3u * params.rank] += sum.w;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let outputs = WORKGROUP_SIZE / SLICES;
  let slice = lane / outputs;
  let output = (group_id.x + group_id.y * 32768u) * outputs + lane % outputs;
  let rank = params.rank;
  let tile = output % params.num_tiles;
  let column = output / params.num_tiles * 4u;
  var sums = Sums();
  if (column < rank) {
    let at = (params.y_offset + tile * params.tile_stride) / 4u;
    let columns = min(vec4u(column) + vec4u(0u, 1u, 2u, 3u), vec4u(rank - 1u)) + vec4u(params.a_column);
    for (var t = slice; t < params.num_tokens; t += SLICES) {
      let v = dy[t * (params.y_stride / 4u) + at];
      let i = vec4u(t * params.a_stride) + columns;
      sums.s0 += v * a[i.x];
      sums.s1 += v * a[i.y];
      sums.s2 += v * a[i.z];
      sums.s3 += v * a[i.w];
    }
  }
  sums = add_slices(sums, lane, slice, outputs);
  if (slice > 0u || column >= rank) { return; }
  finish(tile, column, sums.s0);
  if (column + 1u < rank) { finish(tile, column + 1u, sums.s1); }
  if (column + 2u < rank) { finish(tile, column + 2u, sums.s2); }
  if (column + 3u < rank) { finish(tile, column + 3u, sums.s3); }
}
