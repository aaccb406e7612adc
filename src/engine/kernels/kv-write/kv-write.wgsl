// Finishes q, k and v of each token and stores k and v in the pooled cache.
//   u = u + bias;   q, k: u = u / sqrt(mean(u^2) + eps) * norm (qwen3);   k rotated at its block-local position p:
//   k'[i] = k[i] cos(p f_i) - k[i + K/2] sin(p f_i),   k'[i + K/2] = k[i + K/2] cos(p f_i) + k[i] sin(p f_i)
// qkv: [T, (H + 2 Hkv) K] f32, q finished in place and left unrotated (queries are rotated per block when read)
// bias: [(H + 2 Hkv) K]    q_norm, k_norm: [K]    rope: [positions, K/2] (cos, sin)    table: per token [slot, position, ..]
// k_pool, v_pool: [slots, Hkv, K] in the prelude's storage.
// One workgroup per token and head; all lanes add up the same mean square, which needs no barrier.
// Prelude: store_row.    Reference: kv-write.reference.ts    Derivation: docs/maths/block-rope.md

override WORKGROUP_SIZE: u32 = 32;
override HEAD_DIM: u32;
override NUM_HEADS: u32;
override NUM_KV_HEADS: u32;
override HAS_QK_NORM: u32;

struct Params { first_head: u32, tokens_at: u32, eps: f32 }

@group(0) @binding(0) var<storage, read_write> qkv: array<f32>;
@group(0) @binding(1) var<storage, read>       bias: array<f32>;
@group(0) @binding(2) var<storage, read>       q_norm: array<f32>;
@group(0) @binding(3) var<storage, read>       k_norm: array<f32>;
@group(0) @binding(4) var<storage, read>       rope: array<vec2f>;
@group(0) @binding(5) var<storage, read>       table: array<u32>;
@group(0) @binding(6) var<storage, read_write> k_pool: array<u32>;
@group(0) @binding(7) var<storage, read_write> v_pool: array<u32>;
@group(0) @binding(8) var<uniform>             params: Params;

var<workgroup> row: array<f32, HEAD_DIM>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let head = params.first_head + group_id.x;
  let token = group_id.y;
  let slot = table[params.tokens_at + token * 4u];
  let position = table[params.tokens_at + token * 4u + 1u];
  let from_bias = head * HEAD_DIM;
  let from_qkv = token * (NUM_HEADS + 2u * NUM_KV_HEADS) * HEAD_DIM + from_bias;
  let is_query = head < NUM_HEADS;
  let is_value = head >= NUM_HEADS + NUM_KV_HEADS;

  var inverse = 1.0;
  if (HAS_QK_NORM == 1u && !is_value) {
    var sum = 0.0;
    for (var d = 0u; d < HEAD_DIM; d++) {
      let u = qkv[from_qkv + d] + bias[from_bias + d];
      sum += u * u;
    }
    inverse = 1.0 / sqrt(sum / f32(HEAD_DIM) + params.eps);
  }
  for (var d = lane; d < HEAD_DIM; d += WORKGROUP_SIZE) {
    var u = (qkv[from_qkv + d] + bias[from_bias + d]) * inverse;
    if (HAS_QK_NORM == 1u && !is_value) { u *= select(k_norm[d], q_norm[d], is_query); }
    row[d] = u;
  }
  workgroupBarrier();
  if (is_query) {
    for (var d = lane; d < HEAD_DIM; d += WORKGROUP_SIZE) { qkv[from_qkv + d] = row[d]; }
    return;
  }
  if (is_value) {
    for (var d = lane; d < HEAD_DIM; d += WORKGROUP_SIZE) { store_value(slot, head - NUM_HEADS - NUM_KV_HEADS, d); }
    return;
  }
  for (var i = lane; i < HEAD_DIM / 2u; i += WORKGROUP_SIZE) {
    let angle = rope[position * (HEAD_DIM / 2u) + i];
    let low = row[i];
    let high = row[i + HEAD_DIM / 2u];
    row[i] = low * angle.x - high * angle.y;
    row[i + HEAD_DIM / 2u] = high * angle.x + low * angle.y;
  }
  workgroupBarrier();
  for (var d = lane; d < HEAD_DIM; d += WORKGROUP_SIZE) { store_key(slot, head - NUM_HEADS, d); }
}
