// SwiGLU, backward, in place.
//   dgate = dy * up * s (1 + gate (1 - s)),   dup = dy * gate s,   s = 1 / (1 + exp(-gate))
// dy: [T, F] f32    gate_up: [T, 2 F] f32, tiles of four gate and four up values alternate; their gradients replace them
// A thread per token and four features. 1 - s is formed as exp(-gate) s where exp(-gate) is small, so that it keeps its
// digits, and as it stands elsewhere, so that an infinite exp(-gate) gives 0 and not NaN.
// Derivation: docs/maths/transformer-backward.md   Reference: swiglu.reference.ts

override WORKGROUP_SIZE: u32 = 64;

struct Params { num_quads: u32 }   // F / 4

@group(0) @binding(0) var<storage, read>       dy: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> gate_up: array<vec4f>;
@group(0) @binding(2) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.num_quads) { return; }
  let at = id.y * params.num_quads + id.x;
  let d = dy[at];
  let gate = gate_up[at * 2u];
  let up = gate_up[at * 2u + 1u];
  let e = exp(-gate);
  let s = vec4f(1.0) / (vec4f(1.0) + e);
  let rest = select(vec4f(1.0) - s, e * s, e < vec4f(1.0));
  gate_up[at * 2u] = d * up * s * (vec4f(1.0) + gate * rest);
  gate_up[at * 2u + 1u] = d * gate * s;
}
