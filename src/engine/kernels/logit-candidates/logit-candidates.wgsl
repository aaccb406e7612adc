// First pass over the logits of each row, by chunks of 1024 entries: best five and partial log-sum-exps.
//   z = logits + bias[bias_index];   raw: (max, sum exp(l - max)) of the logits;   tempered: the same of z / temperature
// logits: [I, V] f32    bias: [sets, V] f32    table: per row [bias_index, temperature, top_k, top_p, min_p, seed, step, 0]
// y: [I, chunks, 16]: max, sum (raw), max, sum (tempered), five ids, five values of z, 0, 0
// One workgroup per chunk and row. The best are found one after the other in the total order (value down, id up), so
// nothing has to be marked as taken. A logit of NaN or +infinity is no candidate and makes the sums NaN. It is recognised by
// its bits: WGSL may assume that NaN does not occur, and exp(NaN) is infinity on some adapters.
// Prelude: is_better, find_best.    Reference: logit-candidates.reference.ts

const CHUNK: u32 = 1024;
const NUM_BEST: u32 = 5;
override LANES: u32 = 64;   // power of two
const NO_ID: u32 = 0xffffffff;
const NAN: u32 = 0x7fc00000;

struct Params { vocab_size: u32, rows_at: u32 }

@group(0) @binding(0) var<storage, read>       logits: array<f32>;
@group(0) @binding(1) var<storage, read>       bias: array<f32>;
@group(0) @binding(2) var<storage, read>       table: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;
@group(0) @binding(4) var<uniform>             params: Params;

var<workgroup> maxima: array<vec2f, LANES>;
var<workgroup> sums: array<vec2f, LANES>;
var<workgroup> best_values: array<f32, LANES>;
var<workgroup> best_ids: array<u32, LANES>;
var<workgroup> num_poisoned: atomic<u32>;

fn is_poison(bits: u32) -> bool {
  return bits == 0x7f800000u || (bits & 0x7fffffffu) > 0x7f800000u;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(num_workgroups) num_groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group_id.y;
  let row_entry = params.rows_at + row * 8u;
  let bias_from = table[row_entry] * params.vocab_size;
  let temperature = bitcast<f32>(table[row_entry + 1u]);
  let inverse = select(1.0, 1.0 / temperature, temperature > 0.0);
  let first = group_id.x * CHUNK;
  let end = min(first + CHUNK, params.vocab_size);
  let row_start = row * params.vocab_size;

  var local_max = vec2f(-3.0e38);
  for (var i = first + lane; i < end; i += LANES) {
    let l = logits[row_start + i];
    local_max = max(local_max, vec2f(l, (l + bias[bias_from + i]) * inverse));
  }
  maxima[lane] = local_max;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (lane < half) { maxima[lane] = max(maxima[lane], maxima[lane + half]); }
    workgroupBarrier();
  }
  let chunk_max = maxima[0];
  var local_sum = vec2f();
  for (var i = first + lane; i < end; i += LANES) {
    let l = logits[row_start + i];
    if (is_poison(bitcast<u32>(l))) { atomicAdd(&num_poisoned, 1u); }
    local_sum += exp(vec2f(l, (l + bias[bias_from + i]) * inverse) - chunk_max);
  }
  sums[lane] = local_sum;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (lane < half) { sums[lane] += sums[lane + half]; }
    workgroupBarrier();
  }
  let to = (row * num_groups.x + group_id.x) * 16u;
  if (lane == 0u) {
    let is_poisoned = atomicLoad(&num_poisoned) > 0u;
    y[to] = bitcast<u32>(chunk_max.x);
    y[to + 1u] = select(bitcast<u32>(sums[0].x), NAN, is_poisoned);
    y[to + 2u] = bitcast<u32>(chunk_max.y);
    y[to + 3u] = select(bitcast<u32>(sums[0].y), NAN, is_poisoned);
  }

  // A lane looks through its entries again only after its own candidate was taken.
  var previous_value = 3.4e38;
  var previous_id = 0u;
  var value = -3.4e38;
  var id = NO_ID;
  for (var n = 0u; n < NUM_BEST; n++) {
    if (n == 0u || id == previous_id) {
      value = -3.4e38;
      id = NO_ID;
      for (var i = first + lane; i < end; i += LANES) {
        let z = logits[row_start + i] + bias[bias_from + i];
        let is_left = z < previous_value || (z == previous_value && i > previous_id);
        if (is_left && is_better(z, i, value, id)) {
          value = z;
          id = i;
        }
      }
    }
    find_best(lane, value, id);
    previous_value = best_values[0];
    previous_id = best_ids[0];
    workgroupBarrier();
    if (lane == 0u) {
      y[to + 4u + n] = previous_id;
      y[to + 9u + n] = bitcast<u32>(previous_value);
    }
  }
}
