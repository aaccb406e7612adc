// Gradient of the targets' log-probs and the entropies with respect to the logits, which it replaces.
//   dz_i = (1 / T) ( d_log_prob (1[i = target] - p_i) - d_entropy p_i (ln p_i + entropy) )
// logits: [I, V] f32 as bits    table, results: see token-log-probs.wgsl    gradients: [I, 2] f32: d_log_prob, d_entropy
// A thread per logit and, along y, a workgroup per row. A row with NaN results becomes NaN: its bits are set, see there.
// Reference: token-log-probs.reference.ts    Derivation: docs/maths/token-log-probs.md

override WORKGROUP_SIZE: u32 = 64;
const NAN: u32 = 0x7fc00000;

struct Params { vocab_size: u32, targets_at: u32, results_at: u32, gradients_at: u32, inverse_temperature: f32 }

@group(0) @binding(0) var<storage, read_write> logits: array<u32>;
@group(0) @binding(1) var<storage, read>       table: array<u32>;
@group(0) @binding(2) var<storage, read>       results: array<u32>;
@group(0) @binding(3) var<storage, read>       gradients: array<f32>;
@group(0) @binding(4) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  let row = id.y;
  if (i >= params.vocab_size) { return; }
  let result = params.results_at + row * 4u;
  let entropy_bits = results[result + 1u];
  let entropy = bitcast<f32>(entropy_bits);
  let log_sum = bitcast<f32>(results[result + 2u]);
  let largest = bitcast<f32>(results[result + 3u]);
  let d_log_prob = gradients[params.gradients_at + row * 2u];
  let d_entropy = gradients[params.gradients_at + row * 2u + 1u];
  let index = row * params.vocab_size + i;
  let d = max((bitcast<f32>(logits[index]) - largest) * params.inverse_temperature, -1000.0);
  let log_prob = d - log_sum;
  let p = exp(log_prob);
  let one_hot = select(0.0, 1.0, i == table[params.targets_at + row]);
  let dz = params.inverse_temperature * (d_log_prob * (one_hot - p) - d_entropy * p * (log_prob + entropy));
  logits[index] = bitcast<u32>(dz) | select(0u, NAN, (entropy_bits & 0x7fffffffu) > 0x7f800000u);
}
