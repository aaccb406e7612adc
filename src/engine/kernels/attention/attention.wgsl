// Attention of each token over the blocks of its view.
//   o = sum_{b, j} softmax_{b, j}( rho(q, loc_b) . k_{b, j} / sqrt(K) ) v_{b, j}      over blocks b and visible keys j <= loc_b
// Keys are stored rotated at block-local positions; the query is rotated once per block (loc = rotary offset).
// qkv: [T, (H + 2 Hkv) K] f32 with unrotated queries    k_pool, v_pool: [slots, Hkv, K] in the prelude's storage
// rope: [positions, K/2] (cos, sin)    y: [T, H K] f32
// table: per token [slot, position, first fragment, number of fragments]; per fragment [first page entry, visible keys, loc, 0];
//        page entries: page index, PAGE_SIZE slots a page
// One workgroup per token and query head, KEY_GROUPS times K/4 lanes. Lanes take keys for the scores; then each lane takes
// four dimensions and every KEY_GROUPS-th key of the weighted sum, and the groups are added up at the end. Online softmax
// over tiles of 64 keys. `slots` alternates between two halves, so two barriers a tile are enough.
// One group is fastest where lanes are few (software adapters), a full subgroup or more where they are many.
// Prelude: rotated, key_dot, load_values.    Reference: attention.reference.ts    Derivation: docs/maths/block-rope.md

const TILE: u32 = 64;

override HEAD_DIM: u32;       // a multiple of 8
override NUM_HEADS: u32;
override NUM_KV_HEADS: u32;
override PAGE_SIZE: u32;
override KEY_GROUPS: u32;
override WORKGROUP_SIZE: u32; // HEAD_DIM / 4 * KEY_GROUPS

struct Params { tokens_at: u32, fragments_at: u32, pages_at: u32, scale: f32 }

@group(0) @binding(0) var<storage, read>       qkv: array<vec4f>;
@group(0) @binding(1) var<storage, read>       k_pool: array<vec4u>;
@group(0) @binding(2) var<storage, read>       v_pool: array<vec4u>;
@group(0) @binding(3) var<storage, read>       rope: array<vec2f>;
@group(0) @binding(4) var<storage, read>       table: array<u32>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(6) var<uniform>             params: Params;

var<workgroup> query: array<vec4f, HEAD_DIM / 4u>;
var<workgroup> scores: array<f32, TILE>;
var<workgroup> weights: array<f32, TILE>;
var<workgroup> slots: array<u32, 2u * TILE>;
var<workgroup> group_sums: array<vec4f, WORKGROUP_SIZE>;
var<workgroup> group_weights: array<f32, WORKGROUP_SIZE>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let num_quads = HEAD_DIM / 4u;
  let quad = lane % num_quads;
  let key_group = lane / num_quads;
  let head = group_id.x;
  let token = group_id.y;
  let kv_head = head / (NUM_HEADS / NUM_KV_HEADS);
  let qkv_start = (token * (NUM_HEADS + 2u * NUM_KV_HEADS) + head) * num_quads;
  let first_fragment = table[params.tokens_at + token * 4u + 2u];
  let num_fragments = table[params.tokens_at + token * 4u + 3u];

  var running_max = -3.0e38;
  var weight_sum = 0.0;   // of this lane's key group
  var value_sum = vec4f();
  var half = 0u;
  for (var f = 0u; f < num_fragments; f++) {
    let fragment = params.fragments_at + (first_fragment + f) * 4u;
    let first_page = params.pages_at + table[fragment];
    let num_visible = table[fragment + 1u];
    if (lane < num_quads) { query[lane] = rotated(qkv_start, table[fragment + 2u] * (HEAD_DIM / 2u), lane); }
    workgroupBarrier();
    for (var first = 0u; first < num_visible; first += TILE) {
      let count = min(TILE, num_visible - first);
      for (var i = lane; i < count; i += WORKGROUP_SIZE) {
        let key = first + i;
        let slot = table[first_page + key / PAGE_SIZE] * PAGE_SIZE + key % PAGE_SIZE;
        slots[half + i] = slot;
        scores[i] = key_dot(slot, kv_head);
      }
      workgroupBarrier();
      var new_max = running_max;
      for (var i = 0u; i < count; i++) { new_max = max(new_max, scores[i]); }
      for (var i = lane; i < count; i += WORKGROUP_SIZE) { weights[i] = exp(scores[i] - new_max); }
      let correction = exp(running_max - new_max);
      workgroupBarrier();
      running_max = new_max;
      weight_sum *= correction;
      value_sum *= correction;
      for (var i = key_group; i < count; i += KEY_GROUPS) {
        let weight = weights[i];
        weight_sum += weight;
        value_sum += weight * load_values(slots[half + i], kv_head, quad);
      }
      half = TILE - half;
    }
  }
  group_sums[lane] = value_sum;
  group_weights[lane] = weight_sum;
  workgroupBarrier();
  if (lane < num_quads) {
    var total = vec4f();
    var total_weight = 0.0;
    for (var g = 0u; g < KEY_GROUPS; g++) {
      total += group_sums[g * num_quads + lane];
      total_weight += group_weights[g * num_quads + lane];
    }
    y[(token * NUM_HEADS + head) * num_quads + lane] = total / total_weight;
  }
}
