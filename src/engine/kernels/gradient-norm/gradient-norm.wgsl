// Sum of squares of each tensor of a flat gradient buffer.      sums[i] = sum_j gradients[start_i + j]^2, j < length_i
// gradients: [values] f32    table: per tensor [start, length] in values    sums: [tensors] f32
// One workgroup per tensor; lanes stride over its values; blocks of 64 are added up apart, then the lanes by a tree, so that
// the error does not grow with the length. NaN and infinity come through.
// Reference: gradient-norm.reference.ts

override WORKGROUP_SIZE: u32 = 64;   // power of two
const BLOCK: u32 = 64;

struct Params { tensors_at: u32 }

@group(0) @binding(0) var<storage, read>       gradients: array<f32>;
@group(0) @binding(1) var<storage, read>       table: array<u32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
@group(0) @binding(3) var<uniform>             params: Params;

var<workgroup> partial_sum: array<f32, WORKGROUP_SIZE>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tensor = params.tensors_at + group_id.x * 2u;
  let start = table[tensor];
  let end = start + table[tensor + 1u];
  var sum = 0.0;
  for (var first = start + lane; first < end; first += BLOCK * WORKGROUP_SIZE) {
    var block_sum = 0.0;
    let block_end = min(first + BLOCK * WORKGROUP_SIZE, end);
    for (var i = first; i < block_end; i += WORKGROUP_SIZE) { block_sum += gradients[i] * gradients[i]; }
    sum += block_sum;
  }
  partial_sum[lane] = sum;
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    if (lane < half) { partial_sum[lane] += partial_sum[lane + half]; }
    workgroupBarrier();
  }
  if (lane == 0u) { sums[group_id.x] = partial_sum[0]; }
}
