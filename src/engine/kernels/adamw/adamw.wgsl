// One step of AdamW over flat buffers.
//   g = gradient_scale * gradients[i];   m += (1 - beta1) (g - m);   v += (1 - beta2) (g^2 - v)
//   p -= learning_rate weight_decay p + learning_rate (m / (1 - beta1^step)) / (sqrt(v / (1 - beta2^step)) + eps)
// parameters, gradients, exp_avg (m), exp_avg_sq (v): [values] f32
// A thread per value; workgroups are counted along x, then y. The params are combined in double precision before they are
// rounded: 1 - beta2 in f32 would be off by 5e-5.
//   step_size = learning_rate / (1 - beta1^step)    second_scale = 1 / sqrt(1 - beta2^step)    decay = learning_rate weight_decay
// Source: Loshchilov & Hutter 2019 (arXiv 1711.05101), in torch's order.   Reference: adamw.reference.ts

override WORKGROUP_SIZE: u32 = 64;
const GROUPS_X: u32 = 32768;

struct Params {
  num_values: u32,
  gradient_scale: f32,
  first_rate: f32,    // 1 - beta1
  second_rate: f32,   // 1 - beta2
  second_scale: f32,
  step_size: f32,
  decay: f32,
  eps: f32,
}

@group(0) @binding(0) var<storage, read>       gradients: array<f32>;
@group(0) @binding(1) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(2) var<storage, read_write> exp_avg: array<f32>;
@group(0) @binding(3) var<storage, read_write> exp_avg_sq: array<f32>;
@group(0) @binding(4) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group_id.y * GROUPS_X + group_id.x) * WORKGROUP_SIZE + lane;
  if (i >= params.num_values) { return; }
  let g = params.gradient_scale * gradients[i];
  let m = exp_avg[i] + params.first_rate * (g - exp_avg[i]);
  let v = exp_avg_sq[i] + params.second_rate * (g * g - exp_avg_sq[i]);
  exp_avg[i] = m;
  exp_avg_sq[i] = v;
  let p = parameters[i];
  parameters[i] = p - (params.decay * p + params.step_size * m / (sqrt(v) * params.second_scale + params.eps));
}
