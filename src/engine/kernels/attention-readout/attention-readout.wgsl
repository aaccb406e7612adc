// Attention weights of a few chosen tokens ("readers"), which the attention kernel itself never writes down.
//   w_{b, j} = softmax_{b, j}( rho(q, loc_b) . k_{b, j} / sqrt(K) )      over blocks b and visible keys j, for every head
//   mass_b   = sum_j w_{b, j}
// qkv: [T, (H + 2 Hkv) K] f32 with unrotated queries    k_pool: [slots, Hkv, K] in the prelude's storage
// rope: [positions, K/2] (cos, sin)    weights: [readers, H, MAX_KEYS], keys in the view's order
// y, at offsets that the reader names: mass [L, H, fragments] of this layer; with a shown head its query [K] and per fragment
//    [most-read key, its weight, that key's vector [K]]
// table: tokens, fragments and pages as in attention.wgsl; per reader
//        [token, mass at, keys at, number of keys, shown layer or none, vectors at, by layer, 0]
// One workgroup per head and reader. Lane l owns keys l, l + WORKGROUP_SIZE, ... of each fragment in all three passes (scores,
// exponentials, weights), and lanes are added up in their order, so the sums are the same in every run.
// Prelude: rotated, key_dot, load_key.    Reference: attention-readout.reference.ts    Derivation: docs/maths/attention-readout.md

const READER_WORDS: u32 = 8;

override HEAD_DIM: u32;       // a multiple of 8
override NUM_HEADS: u32;
override NUM_KV_HEADS: u32;
override PAGE_SIZE: u32;
override MAX_KEYS: u32;
override WORKGROUP_SIZE: u32;

struct Params { tokens_at: u32, fragments_at: u32, pages_at: u32, readers_at: u32, layer: u32, scale: f32 }

@group(0) @binding(0) var<storage, read>       qkv: array<vec4f>;
@group(0) @binding(1) var<storage, read>       k_pool: array<vec4u>;
@group(0) @binding(2) var<storage, read>       rope: array<vec2f>;
@group(0) @binding(3) var<storage, read>       table: array<u32>;
@group(0) @binding(4) var<storage, read_write> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<uniform>             params: Params;

var<workgroup> query: array<vec4f, HEAD_DIM / 4u>;
var<workgroup> lane_values: array<f32, WORKGROUP_SIZE>;
var<workgroup> lane_keys: array<u32, WORKGROUP_SIZE>;

fn slot_of(first_page: u32, key: u32) -> u32 {
  return table[first_page + key / PAGE_SIZE] * PAGE_SIZE + key % PAGE_SIZE;
}

fn store(at: u32, values: vec4f) {
  y[at] = values.x;
  y[at + 1u] = values.y;
  y[at + 2u] = values.z;
  y[at + 3u] = values.w;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let num_quads = HEAD_DIM / 4u;
  let head = group_id.x;
  let kv_head = head / (NUM_HEADS / NUM_KV_HEADS);
  let reader = params.readers_at + group_id.y * READER_WORDS;
  let token = table[reader];
  let qkv_start = (token * (NUM_HEADS + 2u * NUM_KV_HEADS) + head) * num_quads;
  let first_fragment = table[params.tokens_at + token * 4u + 2u];
  let num_fragments = table[params.tokens_at + token * 4u + 3u];
  let mass_at = table[reader + 1u] + (params.layer * NUM_HEADS + head) * num_fragments;
  let vectors_at = table[reader + 5u];
  let is_shown = head == 0u && table[reader + 4u] == params.layer;
  let weights_at = (group_id.y * NUM_HEADS + head) * MAX_KEYS;

  var highest = -3.0e38;
  var first_key = weights_at;
  for (var f = 0u; f < num_fragments; f++) {
    let fragment = params.fragments_at + (first_fragment + f) * 4u;
    let first_page = params.pages_at + table[fragment];
    let num_visible = table[fragment + 1u];
    for (var quad = lane; quad < num_quads; quad += WORKGROUP_SIZE) {
      query[quad] = rotated(qkv_start, table[fragment + 2u] * (HEAD_DIM / 2u), quad);
    }
    workgroupBarrier();
    for (var key = lane; key < num_visible; key += WORKGROUP_SIZE) {
      let score = key_dot(slot_of(first_page, key), kv_head);
      weights[first_key + key] = score;
      highest = max(highest, score);
    }
    workgroupBarrier();
    first_key += num_visible;
  }
  lane_values[lane] = highest;
  workgroupBarrier();
  for (var i = 0u; i < WORKGROUP_SIZE; i++) { highest = max(highest, lane_values[i]); }
  workgroupBarrier();

  var total = 0.0;
  first_key = weights_at;
  for (var f = 0u; f < num_fragments; f++) {
    let num_visible = table[params.fragments_at + (first_fragment + f) * 4u + 1u];
    var lane_sum = 0.0;
    for (var key = lane; key < num_visible; key += WORKGROUP_SIZE) {
      let raised = exp(weights[first_key + key] - highest);
      weights[first_key + key] = raised;
      lane_sum += raised;
    }
    lane_values[lane] = lane_sum;
    workgroupBarrier();
    var mass = 0.0;
    for (var i = 0u; i < WORKGROUP_SIZE; i++) { mass += lane_values[i]; }
    workgroupBarrier();
    total += mass;
    if (lane == 0u) { y[mass_at + f] = mass; }
    first_key += num_visible;
  }

  first_key = weights_at;
  for (var f = 0u; f < num_fragments; f++) {
    let fragment = params.fragments_at + (first_fragment + f) * 4u;
    let num_visible = table[fragment + 1u];
    var best = -1.0;
    var best_key = 0u;
    for (var key = lane; key < num_visible; key += WORKGROUP_SIZE) {
      let weight = weights[first_key + key] / total;
      weights[first_key + key] = weight;
      if (weight > best) { best = weight; best_key = key; }
    }
    if (lane == 0u) { y[mass_at + f] /= total; }
    first_key += num_visible;
    if (is_shown) {
      lane_values[lane] = best;
      lane_keys[lane] = best_key;
      workgroupBarrier();
      for (var i = 0u; i < WORKGROUP_SIZE; i++) {
        if (lane_values[i] > best || (lane_values[i] == best && lane_keys[i] < best_key)) {
          best = lane_values[i];
          best_key = lane_keys[i];
        }
      }
      workgroupBarrier();
      let key_at = vectors_at + HEAD_DIM + f * (HEAD_DIM + 2u);
      if (lane == 0u) {
        y[key_at] = f32(best_key);
        y[key_at + 1u] = best;
      }
      let slot = slot_of(params.pages_at + table[fragment], best_key);
      for (var quad = lane; quad < num_quads; quad += WORKGROUP_SIZE) {
        store(key_at + 2u + quad * 4u, load_key(slot, kv_head, quad));
      }
    }
  }
  if (is_shown) {
    for (var quad = lane; quad < num_quads; quad += WORKGROUP_SIZE) {
      store(vectors_at + quad * 4u, qkv[qkv_start + quad]);
    }
  }
}
