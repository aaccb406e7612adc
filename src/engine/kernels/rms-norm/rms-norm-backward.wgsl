// RMS normalisation, backward; adds to the gradient.
//   dx[t, d] += inverse * (g[d] - x[t, d] * inverse^2 * mean(g * x)),   g = weight * dy[t, :],   inverse = 1 / rms(x[t, :])
// x, dy, dx: [T, D] f32    weight: [D] f32
// One workgroup per row t; lanes stride over d; both sums in f32 by one tree.
// Derivation: docs/maths/transformer-backward.md   Reference: rms-norm-backward.reference.ts

override WORKGROUP_SIZE: u32 = 64;   // power of two
override D: u32;

struct Params { eps: f32 }

@group(0) @binding(0) var<storage, read>       x: array<f32>;
@group(0) @binding(1) var<storage, read>       weight: array<f32>;
@group(0) @binding(2) var<storage, read>       dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;
@group(0) @binding(4) var<uniform>             params: Params;

var<workgroup> partial_sum: array<vec2f, WORKGROUP_SIZE>;   // of x * x and g * x

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group_id.x * D;
  var sum = vec2f();
  for (var d = lane; d < D; d += WORKGROUP_SIZE) {
    let value = x[row + d];
    sum += value * vec2f(value, weight[d] * dy[row + d]);
  }
  partial_sum[lane] = sum;
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    if (lane < half) { partial_sum[lane] += partial_sum[lane + half]; }
    workgroupBarrier();
  }
  let means = partial_sum[0] / f32(D);
  let inverse = 1.0 / sqrt(means.x + params.eps);
  let along = inverse * inverse * means.y;
  for (var d = lane; d < D; d += WORKGROUP_SIZE) {
    dx[row + d] += inverse * (weight[d] * dy[row + d] - x[row + d] * along);
  }
}
