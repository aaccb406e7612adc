// Second pass: joins the chunks of logit-candidates and takes the best token.
//   logsumexp = max + ln(sum);   log_prob(best) = z / temperature - logsumexp(z / temperature)
// candidates: [I, chunks, 16] (logit-candidates.wgsl)    token_ids: the chosen id goes to entry next_at + i
// y: [I, 16]: id, log-prob, logsumexp (raw), logsumexp (tempered), five ids, five values of z, 0, 0
// One workgroup per row. A chunk's sum of NaN, recognised by its bits (logit-candidates.wgsl), makes log-prob and both
// logsumexps NaN. Prelude: is_better, find_best. Reference: select-token.reference.ts

const LANES: u32 = 64;
const NUM_BEST: u32 = 5;
const NO_ID: u32 = 0xffffffff;
const NAN: u32 = 0x7fc00000;

struct Params { num_chunks: u32, rows_at: u32, next_at: u32, results_at: u32 }

@group(0) @binding(0) var<storage, read>       candidates: array<u32>;
@group(0) @binding(1) var<storage, read>       table: array<u32>;
@group(0) @binding(2) var<storage, read_write> token_ids: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;
@group(0) @binding(4) var<uniform>             params: Params;

var<workgroup> maxima: array<vec2f, LANES>;
var<workgroup> sums: array<vec2f, LANES>;
var<workgroup> best_values: array<f32, LANES>;
var<workgroup> best_ids: array<u32, LANES>;
var<workgroup> num_poisoned: atomic<u32>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group_id.x;
  let row_start = row * params.num_chunks * 16u;
  let to = params.results_at + row * 16u;

  var local_max = vec2f(-3.0e38);
  for (var c = lane; c < params.num_chunks; c += LANES) {
    local_max = max(local_max, vec2f(bitcast<f32>(candidates[row_start + c * 16u]), bitcast<f32>(candidates[row_start + c * 16u + 2u])));
  }
  maxima[lane] = local_max;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (lane < half) { maxima[lane] = max(maxima[lane], maxima[lane + half]); }
    workgroupBarrier();
  }
  let total_max = maxima[0];
  var local_sum = vec2f();
  for (var c = lane; c < params.num_chunks; c += LANES) {
    let chunk = row_start + c * 16u;
    let chunk_max = vec2f(bitcast<f32>(candidates[chunk]), bitcast<f32>(candidates[chunk + 2u]));
    let chunk_sum = vec2f(bitcast<f32>(candidates[chunk + 1u]), bitcast<f32>(candidates[chunk + 3u]));
    if ((candidates[chunk + 1u] & 0x7fffffffu) > 0x7f800000u) { atomicAdd(&num_poisoned, 1u); }
    local_sum += chunk_sum * exp(chunk_max - total_max);
  }
  sums[lane] = local_sum;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (lane < half) { sums[lane] += sums[lane + half]; }
    workgroupBarrier();
  }
  let logsumexp = total_max + log(sums[0]);

  var previous_value = 3.4e38;
  var previous_id = 0u;
  for (var n = 0u; n < NUM_BEST; n++) {
    var value = -3.4e38;
    var id = NO_ID;
    for (var i = lane; i < params.num_chunks * NUM_BEST; i += LANES) {
      let entry = row_start + (i / NUM_BEST) * 16u + i % NUM_BEST;
      let candidate_id = candidates[entry + 4u];
      let z = bitcast<f32>(candidates[entry + 9u]);
      let is_left = z < previous_value || (z == previous_value && candidate_id > previous_id);
      if (candidate_id != NO_ID && is_left && is_better(z, candidate_id, value, id)) {
        value = z;
        id = candidate_id;
      }
    }
    find_best(lane, value, id);
    previous_value = best_values[0];
    previous_id = best_ids[0];
    workgroupBarrier();
    if (lane == 0u) {
      y[to + 4u + n] = previous_id;
      y[to + 9u + n] = bitcast<u32>(previous_value);
      if (n == 0u) {
        let temperature = bitcast<f32>(table[params.rows_at + row * 8u + 1u]);
        let inverse = select(1.0, 1.0 / temperature, temperature > 0.0);
        let is_poisoned = atomicLoad(&num_poisoned) > 0u;
        y[to] = previous_id;
        y[to + 1u] = select(bitcast<u32>(previous_value * inverse - logsumexp.y), NAN, is_poisoned);
        y[to + 2u] = select(bitcast<u32>(logsumexp.x), NAN, is_poisoned);
        y[to + 3u] = select(bitcast<u32>(logsumexp.y), NAN, is_poisoned);
        token_ids[params.next_at + row] = previous_id;
      }
    }
  }
}
