// The part of a score's gradient that all keys of a query share.      delta[n, h] = y[n, h] . dy[n, h] = sum_j p_j dp_j
// y, dy: [N, H K] f32    delta: [N, H]
// A thread per token and head.
// Reference: causal-attention.reference.ts    Derivation: docs/maths/causal-attention-backward.md

override WORKGROUP_SIZE: u32 = 64;
override HEAD_DIM: u32;

struct Params { num_rows: u32 }   // N H

@group(0) @binding(0) var<storage, read>       y: array<vec4f>;
@group(0) @binding(1) var<storage, read>       dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> delta: array<f32>;
@group(0) @binding(3) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x;
  if (row >= params.num_rows) { return; }
  let num_quads = HEAD_DIM / 4u;
  var sum = vec4f();
  for (var d = row * num_quads; d < (row + 1u) * num_quads; d++) { sum += y[d] * dy[d]; }
  delta[row] = dot(sum, vec4f(1.0));
}
