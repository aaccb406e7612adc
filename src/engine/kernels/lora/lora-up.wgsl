// Out of an adapter's rank, added to the frozen layer's result.      y[t, place(o)] += sum_j B[o, j] * a[t, a_column + j]
// a: [T, R] f32, scaled    B: [O, rank] f32 from b_offset on in parameters    y: [T, y_stride] f32
// place(o) = floor(o / 4) * tile_stride + o % 4 + y_offset
// A thread per tile of four rows of B and TOKENS tokens. Tokens past the last repeat it and are not stored.
// Reference: lora.reference.ts

override WORKGROUP_SIZE: u32 = 64;
override TOKENS: u32;        // 1, 2 or 4

struct Params {
  num_tokens: u32, num_tiles: u32, rank: u32, a_stride: u32, a_column: u32, b_offset: u32,
  y_stride: u32, y_offset: u32, tile_stride: u32,
}

@group(0) @binding(0) var<storage, read>       a: array<f32>;
@group(0) @binding(1) var<storage, read>       parameters: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let tile = id.x;
  if (tile >= params.num_tiles) { return; }
  let first = id.y * TOKENS;
  let last = params.num_tokens - 1u;
  let t1 = min(first + 1u, last);
  let t2 = min(first + 2u, last);
  let t3 = min(first + 3u, last);
  let rank = params.rank;
  let a0 = first * params.a_stride + params.a_column;
  let a1 = t1 * params.a_stride + params.a_column;
  let a2 = t2 * params.a_stride + params.a_column;
  let a3 = t3 * params.a_stride + params.a_column;
  let row = params.b_offset + tile * 4u * rank;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  for (var j = 0u; j < rank; j++) {
    let b = vec4f(
      parameters[row + j], parameters[row + rank + j],
      parameters[row + 2u * rank + j], parameters[row + 3u * rank + j]);
    s0 += b * a[a0 + j];
    if (TOKENS > 1u) { s1 += b * a[a1 + j]; }
    if (TOKENS > 2u) {
      s2 += b * a[a2 + j];
      s3 += b * a[a3 + j];
    }
  }
  let stride = params.y_stride / 4u;
  let at = (params.y_offset + tile * params.tile_stride) / 4u;
  y[first * stride + at] += s0;
  if (TOKENS > 1u && first + 1u <= last) { y[t1 * stride + at] += s1; }
  if (TOKENS > 2u && first + 2u <= last) { y[t2 * stride + at] += s2; }
  if (TOKENS > 2u && first + 3u <= last) { y[t3 * stride + at] += s3; }
}
