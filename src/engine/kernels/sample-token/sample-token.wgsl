// Draws a token for each row with temperature > 0, replacing select-token's choice.
//   t = (logits + bias) / temperature
//   top-k: t >= k-th largest t (ties kept);   top-p: mass of {t' <= t} > 1 - top_p within what is left;
//   min-p: t >= max + ln(min_p);   chosen = argmax over what is left of t - ln(-ln(u)), u uniform from (seed, step, id)
// Filters as in transformers (temperature, top-k, top-p, min-p); the draw is the Gumbel-max trick, so it depends on no
// order of summation. Thresholds are found bit by bit on the order-preserving integer key of t: no sorting.
// logits: [I, V] f32    bias: [sets, V] f32    table: see logit-candidates.wgsl    y, token_ids: see select-token.wgsl
// One workgroup per row. Random numbers: pcg3d (Jarzynski & Olano 2020). Reference: sample-token.reference.ts

const LANES: u32 = 256;
const NO_ID: u32 = 0xffffffff;

struct Params { vocab_size: u32, rows_at: u32, next_at: u32, results_at: u32 }

@group(0) @binding(0) var<storage, read>       logits: array<f32>;
@group(0) @binding(1) var<storage, read>       bias: array<f32>;
@group(0) @binding(2) var<storage, read>       table: array<u32>;
@group(0) @binding(3) var<storage, read_write> token_ids: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<u32>;
@group(0) @binding(5) var<uniform>             params: Params;

var<workgroup> partial: array<f32, LANES>;
var<workgroup> partial_ids: array<u32, LANES>;

fn ordered_key(value: f32) -> u32 {
  let bits = bitcast<u32>(value + 0.0);
  return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
}


fn uniform_of(seed: u32, step: u32, id: u32) -> f32 {
  var v = vec3u(seed, step, id) * 1664525u + 1013904223u;
  v.x += v.y * v.z; v.y += v.z * v.x; v.z += v.x * v.y;
  v ^= v >> vec3u(16u);
  v.x += v.y * v.z; v.y += v.z * v.x; v.z += v.x * v.y;
  return (f32(v.x >> 8u) + 0.5) / 16777216.0;
}

fn add_up(lane: u32, value: f32) -> f32 {
  partial[lane] = value;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (lane < half) { partial[lane] += partial[lane + half]; }
    workgroupBarrier();
  }
  let total = workgroupUniformLoad(&partial[0]);
  return total;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group_id.x;
  let entry = params.rows_at + row * 8u;
  let temperature = bitcast<f32>(table[entry + 1u]);
  if (temperature <= 0.0) { return; }
  let inverse = 1.0 / temperature;
  let bias_from = table[entry] * params.vocab_size;
  let top_k = table[entry + 2u];
  let top_p = bitcast<f32>(table[entry + 3u]);
  let min_p = bitcast<f32>(table[entry + 4u]);
  let seed = table[entry + 5u];
  let step = table[entry + 6u];
  let row_start = row * params.vocab_size;
  let to = params.results_at + row * 16u;
  var highest = -3.4e38;
  for (var i = lane; i < params.vocab_size; i += LANES) {
    highest = max(highest, (logits[row_start + i] + bias[bias_from + i]) * inverse);
  }
  partial[lane] = highest;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (lane < half) { partial[lane] = max(partial[lane], partial[lane + half]); }
    workgroupBarrier();
  }
  highest = workgroupUniformLoad(&partial[0]);

  var threshold = 0u;
  if (top_k > 0u && top_k < params.vocab_size) {
    for (var bit = 0x80000000u; bit > 0u; bit >>= 1u) {
      let trial = threshold | bit;
      var count = 0.0;
      for (var i = lane; i < params.vocab_size; i += LANES) {
        let key = ordered_key((logits[row_start + i] + bias[bias_from + i]) * inverse);
        count += select(0.0, 1.0, key >= trial);
      }
      if (add_up(lane, count) >= f32(top_k)) { threshold = trial; }
    }
  }
  if (top_p < 1.0) {
    var mass = 0.0;
    for (var i = lane; i < params.vocab_size; i += LANES) {
      let t = (logits[row_start + i] + bias[bias_from + i]) * inverse;
      mass += select(0.0, exp(t - highest), ordered_key(t) >= threshold);
    }
    let allowed = (1.0 - top_p) * add_up(lane, mass);
    let lowest = threshold;
    var cut = 0u;
    for (var bit = 0x80000000u; bit > 0u; bit >>= 1u) {
      let trial = cut | bit;
      var below = 0.0;
      for (var i = lane; i < params.vocab_size; i += LANES) {
        let t = (logits[row_start + i] + bias[bias_from + i]) * inverse;
        let key = ordered_key(t);
        below += select(0.0, exp(t - highest), key >= lowest && key < trial);
      }
      if (add_up(lane, below) <= allowed) { cut = trial; }
    }
    threshold = max(threshold, min(cut, ordered_key(highest)));
  }
  if (min_p > 0.0) { threshold = max(threshold, ordered_key(highest + log(min_p))); }

  var best = -3.4e38;
  var best_id = NO_ID;
  for (var i = lane; i < params.vocab_size; i += LANES) {
    let t = (logits[row_start + i] + bias[bias_from + i]) * inverse;
    let gumbel = t - log(-log(uniform_of(seed, step, i)));
    if (ordered_key(t) >= threshold && gumbel > best) {
      best = gumbel;
      best_id = i;
    }
  }
  partial[lane] = best;
  partial_ids[lane] = best_id;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (lane < half) {
      let other = partial[lane + half];
      let is_better = other > partial[lane] || (other == partial[lane] && partial_ids[lane + half] < partial_ids[lane]);
      if (is_better) {
        partial[lane] = other;
        partial_ids[lane] = partial_ids[lane + half];
      }
    }
    workgroupBarrier();
  }
  if (lane == 0u) {
    let id = partial_ids[0];
    y[to] = id;
    token_ids[params.next_at + row] = id;
    if (id != NO_ID) {
      y[to + 1u] = bitcast<u32>((logits[row_start + id] + bias[bias_from + id]) * inverse - bitcast<f32>(y[to + 3u]));
    }
  }
}
