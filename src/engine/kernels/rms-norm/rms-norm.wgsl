// RMS normalisation.      y[t, d] = x[t, d] / sqrt(mean_d(x[t, :]^2) + eps) * weight[d]
// x, y: [T, D] f32    weight: [D] f32
// One workgroup per row t; lanes stride over d; sum of squares in f32 by a tree.
// Source: Zhang & Sennrich 2019 (arXiv 1910.07467).   Reference: rms-norm.reference.ts

override WORKGROUP_SIZE: u32 = 64;   // power of two
override D: u32;

struct Params { eps: f32 }

@group(0) @binding(0) var<storage, read>       x: array<f32>;
@group(0) @binding(1) var<storage, read>       weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform>             params: Params;

var<workgroup> partial_sum: array<f32, WORKGROUP_SIZE>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group_id.x * D;
  var sum = 0.0;
  for (var d = lane; d < D; d += WORKGROUP_SIZE) {
    let value = x[row + d];
    sum += value * value;
  }
  partial_sum[lane] = sum;
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    if (lane < half) { partial_sum[lane] += partial_sum[lane + half]; }
    workgroupBarrier();
  }
  let inverse = 1.0 / sqrt(partial_sum[0] / f32(D) + params.eps);
  for (var d = lane; d < D; d += WORKGROUP_SIZE) {
    y[row + d] = x[row + d] * inverse * weight[d];
  }
}
