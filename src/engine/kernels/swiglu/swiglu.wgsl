// SwiGLU of gate and up side by side.      y[t, f] = silu(gate[t, f]) * up[t, f],   silu(g) = g / (1 + exp(-g))
// gate_up: [T, 2 F] f32, tiles of four gate and four up values alternate    y: [T, F] f32
// A thread per token and four features. Training keeps gate_up; generation joins it in the linear kernel instead.
// Source: Shazeer 2020 (arXiv 2002.05202).   Reference: swiglu.reference.ts

override WORKGROUP_SIZE: u32 = 64;

struct Params { num_quads: u32 }   // F / 4

@group(0) @binding(0) var<storage, read>       gate_up: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.num_quads) { return; }
  let at = id.y * params.num_quads + id.x;
  let gate = gate_up[at * 2u];
  y[at] = gate / (vec4f(1.0) + exp(-gate)) * gate_up[at * 2u + 1u];
}
