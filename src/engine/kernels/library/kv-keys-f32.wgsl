// Keys stored as f32, reading.   Uses: query, k_pool, HEAD_DIM, NUM_KV_HEADS.

fn key_dot(slot: u32, kv_head: u32) -> f32 {
  let first = (slot * NUM_KV_HEADS + kv_head) * (HEAD_DIM / 4u);
  var sum = vec4f();
  for (var i = 0u; i < HEAD_DIM / 4u; i++) {
    sum += query[i] * bitcast<vec4f>(k_pool[first + i]);
  }
  return sum.x + sum.y + sum.z + sum.w;
}

fn load_key(slot: u32, kv_head: u32, quad: u32) -> vec4f {
  return bitcast<vec4f>(k_pool[(slot * NUM_KV_HEADS + kv_head) * (HEAD_DIM / 4u) + quad]);
}
