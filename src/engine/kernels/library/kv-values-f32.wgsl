// Values stored as f32, reading.   Uses: v_pool, HEAD_DIM, NUM_KV_HEADS.

fn load_values(slot: u32, kv_head: u32, quad: u32) -> vec4f {
  return bitcast<vec4f>(v_pool[(slot * NUM_KV_HEADS + kv_head) * (HEAD_DIM / 4u) + quad]);
}
