// Gradient of an adapter's input, added.      dx[t, c] += sum_j g[t, j] * A[j, c] * keep(t, c, part of j)
// g: [T, R] f32    A: [R, D] f32 from a_offset on in parameters    dx: [T, D] f32
// A thread per four columns and TOKENS tokens; it sums the `rank` rows of a part before it applies the part's mask.
// Tokens past the last repeat it and are not stored.
// Prelude: dropout.    Derivation: docs/maths/lora-backward.md    Reference: lora.reference.ts

override WORKGROUP_SIZE: u32 = 64;
override TOKENS: u32;        // 1, 2 or 4
override HAS_DROPOUT: u32;

struct Params {
  num_tokens: u32, columns: u32, num_rows: u32, rank: u32, a_offset: u32,
  dropout_seed: u32, dropout_threshold: u32, keep_scale: f32,
}

@group(0) @binding(0) var<storage, read>       g: array<f32>;
@group(0) @binding(1) var<storage, read>       parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(3) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quads = params.columns / 4u;
  let quad = id.x;
  if (quad >= quads) { return; }
  let first = id.y * TOKENS;
  let last = params.num_tokens - 1u;
  let tokens = min(vec4u(first) + vec4u(0u, 1u, 2u, 3u), vec4u(last));
  let rows = tokens * params.num_rows;
  let at = tokens * quads + quad;
  let a_start = params.a_offset / 4u + quad;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  for (var part = 0u; part < params.num_rows / params.rank; part++) {
    var p0 = vec4f();
    var p1 = vec4f();
    var p2 = vec4f();
    var p3 = vec4f();
    for (var j = part * params.rank; j < (part + 1u) * params.rank; j++) {
      let w = parameters[a_start + j * quads];
      p0 += w * g[rows.x + j];
      if (TOKENS > 1u) { p1 += w * g[rows.y + j]; }
      if (TOKENS > 2u) {
        p2 += w * g[rows.z + j];
        p3 += w * g[rows.w + j];
      }
    }
    let key = dropout_key(part);
    s0 += dropout(p0, key, at.x * 4u);
    if (TOKENS > 1u) { s1 += dropout(p1, key, at.y * 4u); }
    if (TOKENS > 2u) {
      s2 += dropout(p2, key, at.z * 4u);
      s3 += dropout(p3, key, at.w * 4u);
    }
  }
  dx[at.x] += s0;
  if (TOKENS > 1u && first + 1u <= last) { dx[at.y] += s1; }
  if (TOKENS > 2u && first + 2u <= last) { dx[at.z] += s2; }
  if (TOKENS > 2u && first + 3u <= last) { dx[at.w] += s3; }
}
