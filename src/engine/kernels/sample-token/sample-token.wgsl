// Draws a token for each row with temperature > 0, replacing select-token's choice.
//   t = (logits + bias) / temperature
//   top-k: t >= k-th largest t (ties kept);   top-p: mass of {t' <= t} > 1 - top_p within what is left;
//   min-p: t >= max + ln(min_p);   chosen = argmax over what is left of t + gumbel(seed, step, id)
// Filters as in transformers (temperature, top-k, top-p, min-p); the draw is the Gumbel-max trick, so it depends on no
// order of summation. Thresholds are found two bits at a time on the order-preserving integer key of t: no sorting.
// logits: [I, V] f32    bias: [sets, V] f32    table: see logit-candidates.wgsl    y, token_ids: see select-token.wgsl
// One workgroup per row. Random numbers: pcg3d (Jarzynski & Olano 2020). Reference: sample-token.reference.ts

const LANES: u32 = 256;
const GROUPS: u32 = 16;   // lanes are joined in groups of as many: two barriers a reduction
const NO_ID: u32 = 0xffffffff;

struct Params { vocab_size: u32, rows_at: u32, next_at: u32, results_at: u32 }

@group(0) @binding(0) var<storage, read>       logits: array<f32>;
@group(0) @binding(1) var<storage, read>       bias: array<f32>;
@group(0) @binding(2) var<storage, read>       table: array<u32>;
@group(0) @binding(3) var<storage, read_write> token_ids: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<u32>;
@group(0) @binding(5) var<uniform>             params: Params;

var<workgroup> partial: array<vec4f, LANES>;
var<workgroup> partial_ids: array<u32, LANES>;
var<workgroup> subtotals: array<vec4f, GROUPS>;
var<workgroup> group_ids: array<u32, GROUPS>;

// Rising in value; both zeros are equal.
fn ordered_key(value: f32) -> u32 {
  let bits = select(bitcast<u32>(value), 0u, value == 0.0);
  return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
}

// -ln(-ln(1 - v)) with v uniform in (0, 1), a multiple of 2^-23 plus 2^-24 and so exact. WGSL's log is only good to 2^-21
// (absolute) near 1, where the large values come from: there a series takes its place.
fn gumbel_of(seed: u32, step: u32, id: u32) -> f32 {
  var u = vec3u(seed, step, id) * 1664525u + 1013904223u;
  u.x += u.y * u.z; u.y += u.z * u.x; u.z += u.x * u.y;
  u ^= u >> vec3u(16u);
  u.x += u.y * u.z; u.y += u.z * u.x; u.z += u.x * u.y;
  let v = (f32(u.x >> 9u) + 0.5) / 8388608.0;
  let series = v * (1.0 + v * (0.5 + v * (1.0 / 3.0 + v * 0.25)));
  return -log(select(-log(1.0 - v), series, v < 0.03125));
}

fn add_up(lane: u32, value: vec4f) -> vec4f {
  partial[lane] = value;
  workgroupBarrier();
  if (lane < GROUPS) {
    var sum = vec4f();
    for (var i = lane * GROUPS; i < (lane + 1u) * GROUPS; i++) { sum += partial[i]; }
    subtotals[lane] = sum;
  }
  workgroupBarrier();
  var total = vec4f();
  for (var i = 0u; i < GROUPS; i++) { total += subtotals[i]; }
  return total;
}

fn highest_of(lane: u32, value: f32) -> f32 {
  partial[lane].x = value;
  workgroupBarrier();
  if (lane < GROUPS) {
    var highest = partial[lane * GROUPS].x;
    for (var i = lane * GROUPS; i < (lane + 1u) * GROUPS; i++) { highest = max(highest, partial[i].x); }
    subtotals[lane].x = highest;
  }
  workgroupBarrier();
  var highest = subtotals[0].x;
  for (var i = 0u; i < GROUPS; i++) { highest = max(highest, subtotals[i].x); }
  return highest;
}

fn is_better(value: f32, id: u32, than_value: f32, than_id: u32) -> bool {
  return value > than_value || (value == than_value && id < than_id);
}

// The id with the highest value; valid in lane 0.
fn best_of(lane: u32, value: f32, id: u32) -> u32 {
  partial[lane].x = value;
  partial_ids[lane] = id;
  workgroupBarrier();
  if (lane < GROUPS) {
    var best = lane * GROUPS;
    for (var i = best; i < (lane + 1u) * GROUPS; i++) {
      if (is_better(partial[i].x, partial_ids[i], partial[best].x, partial_ids[best])) { best = i; }
    }
    subtotals[lane].x = partial[best].x;
    group_ids[lane] = partial_ids[best];
  }
  workgroupBarrier();
  var best = 0u;
  for (var i = 0u; i < GROUPS; i++) {
    if (is_better(subtotals[i].x, group_ids[i], subtotals[best].x, group_ids[best])) { best = i; }
  }
  return group_ids[best];
}

// Of the trials 1, 2, 3 for the next two bits, how many hold; those that hold come first.
fn digit_of(holds: vec3<bool>) -> u32 {
  return u32(holds.x) + u32(holds.y) + u32(holds.z);
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
  var local_highest = -3.4e38;
  for (var i = lane; i < params.vocab_size; i += LANES) {
    local_highest = max(local_highest, (logits[row_start + i] + bias[bias_from + i]) * inverse);
  }
  let highest = highest_of(lane, local_highest);

  // The largest key that top_k tokens reach.
  var threshold = 0u;
  if (top_k > 0u && top_k < params.vocab_size) {
    for (var bit = 0u; bit < 32u; bit += 2u) {
      let trials = vec3u(threshold) | (vec3u(1u, 2u, 3u) << vec3u(30u - bit));
      var count = vec3f();
      for (var i = lane; i < params.vocab_size; i += LANES) {
        let key = ordered_key((logits[row_start + i] + bias[bias_from + i]) * inverse);
        count += select(vec3f(), vec3f(1.0), vec3u(key) >= trials);
      }
      threshold |= digit_of(add_up(lane, vec4f(count, 0.0)).xyz >= vec3f(f32(top_k))) << (30u - bit);
    }
  }
  // The largest key below which no more than the allowed mass lies.
  if (top_p < 1.0) {
    var mass = 0.0;
    for (var i = lane; i < params.vocab_size; i += LANES) {
      let t = (logits[row_start + i] + bias[bias_from + i]) * inverse;
      mass += select(0.0, exp(t - highest), ordered_key(t) >= threshold);
    }
    let allowed = (1.0 - top_p) * add_up(lane, vec4f(mass)).x;
    var cut = 0u;
    for (var bit = 0u; bit < 32u; bit += 2u) {
      let trials = vec3u(cut) | (vec3u(1u, 2u, 3u) << vec3u(30u - bit));
      var below = vec3f();
      for (var i = lane; i < params.vocab_size; i += LANES) {
        let t = (logits[row_start + i] + bias[bias_from + i]) * inverse;
        let key = ordered_key(t);
        if (key >= threshold) { below += select(vec3f(), vec3f(exp(t - highest)), vec3u(key) < trials); }
      }
      cut |= digit_of(add_up(lane, vec4f(below, 0.0)).xyz <= vec3f(allowed)) << (30u - bit);
    }
    threshold = max(threshold, min(cut, ordered_key(highest)));
  }
  if (min_p > 0.0) { threshold = max(threshold, ordered_key(highest + log(min_p))); }

  var best = -3.4e38;
  var best_id = NO_ID;
  for (var i = lane; i < params.vocab_size; i += LANES) {
    let t = (logits[row_start + i] + bias[bias_from + i]) * inverse;
    if (ordered_key(t) < threshold) { continue; }
    let score = t + gumbel_of(seed, step, i);
    if (score > best) {
      best = score;
      best_id = i;
    }
  }
  let id = best_of(lane, best, best_id);
  if (lane == 0u) {
    y[to] = id;
    token_ids[params.next_at + row] = id;
    if (id != NO_ID) {
      y[to + 1u] = bitcast<u32>((logits[row_start + id] + bias[bias_from + id]) * inverse - bitcast<f32>(y[to + 3u]));
    }
  }
}
