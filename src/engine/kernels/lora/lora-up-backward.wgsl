// Gradient in an adapter's rank.      g[t, a_column + j] = scale * sum_o B[o, j] * dy[t, place(o)]
// dy: [T, y_stride] f32    B: [O, rank] f32 from b_offset on in parameters    g: [T, R] f32, only this module's columns
// place(o) = floor(o / 4) * tile_stride + o % 4 + y_offset
// An output is four columns of B for TOKENS tokens; SLICES lanes share its tiles of four rows. Columns past the last and
// tokens past the last repeat it and are not stored.
// Prelude: add_slices.    Derivation: docs/maths/lora-backward.md    Reference: lora.reference.ts

override WORKGROUP_SIZE: u32 = 64;
override SLICES: u32;        // power of two, at most WORKGROUP_SIZE
override TOKENS: u32;        // 1, 2 or 4

struct Params {
  num_tokens: u32, num_tiles: u32, rank: u32, a_stride: u32, a_column: u32, b_offset: u32,
  y_stride: u32, y_offset: u32, tile_stride: u32, scale: f32,
}

@group(0) @binding(0) var<storage, read>       dy: array<vec4f>;
@group(0) @binding(1) var<storage, read>       parameters: array<f32>;
@group(0) @binding(2) var<storage, read_write> g: array<f32>;
@group(0) @binding(3) var<uniform>             params: Params;

fn finish(token: u32, column: u32, sum: vec4f) {
  let scaled = params.scale * sum;
  let at = token * params.a_stride + params.a_column + column;
  g[at] = scaled.x;
  if (column + 1u < params.rank) { g[at + 1u] = scaled.y; }
  if (column + 2u < params.rank) { g[at + 2u] = scaled.z; }
  if (column + 3u < params.rank) { g[at + 3u] = scaled.w; }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let slice = lane % SLICES;
  let group = group_id.x + group_id.y * 32768u;
  let output = group * (WORKGROUP_SIZE / SLICES) + lane / SLICES;
  let rank = params.rank;
  let num_blocks = (rank + 3u) / 4u;
  let column = (output % num_blocks) * 4u;
  let first = output / num_blocks * TOKENS;
  let last = params.num_tokens - 1u;
  let t1 = min(first + 1u, last);
  let t2 = min(first + 2u, last);
  let t3 = min(first + 3u, last);
  var sums = Sums();
  if (first <= last) {
    let stride = params.y_stride / 4u;
    let columns = min(vec4u(column) + vec4u(0u, 1u, 2u, 3u), vec4u(rank - 1u));
    for (var tile = slice; tile < params.num_tiles; tile += SLICES) {
      var i = vec4u(params.b_offset + tile * 4u * rank) + columns;
      let p = vec4f(parameters[i.x], parameters[i.y], parameters[i.z], parameters[i.w]);
      i += vec4u(rank);
      let q = vec4f(parameters[i.x], parameters[i.y], parameters[i.z], parameters[i.w]);
      i += vec4u(rank);
      let r = vec4f(parameters[i.x], parameters[i.y], parameters[i.z], parameters[i.w]);
      i += vec4u(rank);
      let s = vec4f(parameters[i.x], parameters[i.y], parameters[i.z], parameters[i.w]);
      let at = (params.y_offset + tile * params.tile_stride) / 4u;
      var v = dy[first * stride + at];
      sums.s0 += p * v.x + q * v.y + r * v.z + s * v.w;
      if (TOKENS > 1u) {
        v = dy[t1 * stride + at];
        sums.s1 += p * v.x + q * v.y + r * v.z + s * v.w;
      }
      if (TOKENS > 2u) {
        v = dy[t2 * stride + at];
        sums.s2 += p * v.x + q * v.y + r * v.z + s * v.w;
        v = dy[t3 * stride + at];
        sums.s3 += p * v.x + q * v.y + r * v.z + s * v.w;
      }
    }
  }
  sums = add_slices(sums, lane, slice, 1u);
  if (slice > 0u || first > last) { return; }
  finish(first, column, sums.s0);
  if (TOKENS > 1u && first + 1u <= last) { finish(t1, column, sums.s1); }
  if (TOKENS > 2u && first + 2u <= last) { finish(t2, column, sums.s2); }
  if (TOKENS > 2u && first + 3u <= last) { finish(t3, column, sums.s3); }
}
