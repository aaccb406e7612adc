// Log-prob of one target and entropy per row of logits, at a temperature T.
//   p = softmax(z / T);   log_prob = ln p[target];   entropy = -sum_i p_i ln p_i
// logits: [I, V] f32    table: targets, one word a row
// results: [I, 4] f32 as bits: log_prob, entropy, ln sum_i exp((z_i - largest) / T), largest z
// One workgroup per row; two passes: the largest logit, then s = sum exp(d) and w = sum exp(d) d of d = (z - largest) / T, so
// log_prob = d[target] - ln s and entropy = ln s - w / s: large logits cancel before they are divided by T. d is held above
// -1000, where exp is 0, so that -infinity adds no NaN to w. A logit of NaN or +infinity makes the row NaN; it is recognised
// by its bits: WGSL may assume that NaN does not occur, and exp(NaN) is infinity on some adapters.
// Reference: token-log-probs.reference.ts    Derivation: docs/maths/token-log-probs.md

override WORKGROUP_SIZE: u32 = 64;   // power of two
const BLOCK: u32 = 64;               // terms that are added up apart, for accuracy
const NAN: u32 = 0x7fc00000;

struct Params { vocab_size: u32, targets_at: u32, results_at: u32, inverse_temperature: f32 }

@group(0) @binding(0) var<storage, read>       logits: array<f32>;
@group(0) @binding(1) var<storage, read>       table: array<u32>;
@group(0) @binding(2) var<storage, read_write> results: array<u32>;
@group(0) @binding(3) var<uniform>             params: Params;

var<workgroup> maxima: array<f32, WORKGROUP_SIZE>;
var<workgroup> sums: array<vec3f, WORKGROUP_SIZE>;

fn is_poison(bits: u32) -> bool {
  return bits == 0x7f800000u || (bits & 0x7fffffffu) > 0x7f800000u;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group_id.x;
  let start = row * params.vocab_size;
  var largest = -3.4e38;
  for (var i = lane; i < params.vocab_size; i += WORKGROUP_SIZE) { largest = max(largest, logits[start + i]); }
  maxima[lane] = largest;
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    if (lane < half) { maxima[lane] = max(maxima[lane], maxima[lane + half]); }
    workgroupBarrier();
  }
  largest = maxima[0];
  var sum = vec3f();   // s, w, poisoned logits
  for (var first = lane; first < params.vocab_size; first += BLOCK * WORKGROUP_SIZE) {
    var block_sum = vec3f();
    let end = min(first + BLOCK * WORKGROUP_SIZE, params.vocab_size);
    for (var i = first; i < end; i += WORKGROUP_SIZE) {
      let z = logits[start + i];
      let d = max((z - largest) * params.inverse_temperature, -1000.0);
      let e = exp(d);
      block_sum += vec3f(e, e * d, select(0.0, 1.0, is_poison(bitcast<u32>(z))));
    }
    sum += block_sum;
  }
  sums[lane] = sum;
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    if (lane < half) { sums[lane] += sums[lane + half]; }
    workgroupBarrier();
  }
  if (lane > 0u) { return; }
  sum = sums[0];
  let log_sum = log(sum.x);
  let target_distance = (logits[start + table[params.targets_at + row]] - largest) * params.inverse_temperature;
  let poison = select(0u, NAN, sum.z > 0.0);   // all its bits set make every number NaN
  let to = params.results_at + row * 4u;
  results[to] = bitcast<u32>(target_distance - log_sum) | poison;
  results[to + 1u] = bitcast<u32>(log_sum - sum.y / sum.x) | poison;
  results[to + 2u] = bitcast<u32>(log_sum) | poison;
  results[to + 3u] = bitcast<u32>(largest) | poison;
}
