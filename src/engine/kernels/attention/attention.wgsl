// Attention of each token over the blocks of its view.
//   o = sum_{b, j} softmax_{b, j}( rho(q, loc_b) . k_{b, j} / sqrt(K) ) v_{b, j}      over blocks b and visible keys j <= loc_b
// Keys are stored rotated at block-local positions; the query is rotated once per block (loc = rotary offset).
// qkv: [T, (H + 2 Hkv) K] f32 with unrotated queries    k_pool, v_pool: [slots, Hkv, K] in the prelude's storage
// rope: [positions, K/2] (cos, sin)    y: [T, H K] f32
// table: per token [slot, position, first fragment, number of fragments]; per fragment [first page entry, visible keys, loc, 0];
//        page entries: page index, PAGE_SIZE slots a page
// One workgroup per token and query head. Lanes take keys for the scores, then dimensions for the weighted sum; online
// softmax over tiles of 64 keys. `slots` alternates between two halves, so two barriers a tile are enough.
// Prelude: key_dot, load_value.    Reference: attention.reference.ts    Derivation: docs/maths/block-rope.md

const LANES: u32 = 64;

override HEAD_DIM: u32;       // at most 128, a multiple of 8
override NUM_HEADS: u32;
override NUM_KV_HEADS: u32;
override PAGE_SIZE: u32;

struct Params { tokens_at: u32, fragments_at: u32, pages_at: u32, scale: f32 }

@group(0) @binding(0) var<storage, read>       qkv: array<f32>;
@group(0) @binding(1) var<storage, read>       k_pool: array<vec4u>;
@group(0) @binding(2) var<storage, read>       v_pool: array<u32>;
@group(0) @binding(3) var<storage, read>       rope: array<vec2f>;
@group(0) @binding(4) var<storage, read>       table: array<u32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<uniform>             params: Params;

var<workgroup> query: array<vec4f, HEAD_DIM / 4u>;
var<workgroup> scores: array<f32, LANES>;
var<workgroup> weights: array<f32, LANES>;
var<workgroup> slots: array<u32, 2u * LANES>;

fn rotated(from_qkv: u32, angles: u32, d: u32) -> f32 {
  let half = HEAD_DIM / 2u;
  let i = d % half;
  let angle = rope[angles + i];
  let low = qkv[from_qkv + i];
  let high = qkv[from_qkv + i + half];
  return params.scale * select(low * angle.x - high * angle.y, high * angle.x + low * angle.y, d >= half);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let head = group_id.x;
  let token = group_id.y;
  let kv_head = head / (NUM_HEADS / NUM_KV_HEADS);
  let from_qkv = (token * (NUM_HEADS + 2u * NUM_KV_HEADS) + head) * HEAD_DIM;
  let first_fragment = table[params.tokens_at + token * 4u + 2u];
  let num_fragments = table[params.tokens_at + token * 4u + 3u];

  var running_max = -3.0e38;
  var running_sum = 0.0;
  var sum_low = 0.0;    // dimension `lane`
  var sum_high = 0.0;   // dimension `lane + 64`
  var half = 0u;
  for (var f = 0u; f < num_fragments; f++) {
    let fragment = params.fragments_at + (first_fragment + f) * 4u;
    let first_page = params.pages_at + table[fragment];
    let num_visible = table[fragment + 1u];
    let angles = table[fragment + 2u] * (HEAD_DIM / 2u);
    if (lane < HEAD_DIM / 4u) {
      let d = lane * 4u;
      query[lane] = vec4f(rotated(from_qkv, angles, d), rotated(from_qkv, angles, d + 1u),
                          rotated(from_qkv, angles, d + 2u), rotated(from_qkv, angles, d + 3u));
    }
    workgroupBarrier();
    for (var first = 0u; first < num_visible; first += LANES) {
      let count = min(LANES, num_visible - first);
      var score = -3.0e38;
      if (lane < count) {
        let key = first + lane;
        let slot = table[first_page + key / PAGE_SIZE] * PAGE_SIZE + key % PAGE_SIZE;
        slots[half + lane] = slot;
        score = key_dot(slot, kv_head);
        scores[lane] = score;
      }
      workgroupBarrier();
      var new_max = running_max;
      for (var i = 0u; i < count; i++) { new_max = max(new_max, scores[i]); }
      if (lane < count) { weights[lane] = exp(score - new_max); }
      let correction = exp(running_max - new_max);
      workgroupBarrier();
      running_max = new_max;
      running_sum *= correction;
      sum_low *= correction;
      sum_high *= correction;
      for (var i = 0u; i < count; i++) {
        let weight = weights[i];
        let slot = slots[half + i];
        running_sum += weight;
        if (lane < HEAD_DIM) { sum_low += weight * load_value(slot, kv_head, lane); }
        if (lane + LANES < HEAD_DIM) { sum_high += weight * load_value(slot, kv_head, lane + LANES); }
      }
      half = LANES - half;
    }
  }
  let to = (token * NUM_HEADS + head) * HEAD_DIM;
  if (lane < HEAD_DIM) { y[to + lane] = sum_low / running_sum; }
  if (lane + LANES < HEAD_DIM) { y[to + lane + LANES] = sum_high / running_sum; }
}
