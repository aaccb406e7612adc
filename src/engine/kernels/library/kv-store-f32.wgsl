// KV storage f32, writing: element d of the shared row.   Uses: row, k_pool, v_pool, HEAD_DIM, NUM_KV_HEADS.

fn store_key(slot: u32, kv_head: u32, d: u32) {
  k_pool[(slot * NUM_KV_HEADS + kv_head) * HEAD_DIM + d] = bitcast<u32>(row[d]);
}

fn store_value(slot: u32, kv_head: u32, d: u32) {
  v_pool[(slot * NUM_KV_HEADS + kv_head) * HEAD_DIM + d] = bitcast<u32>(row[d]);
}
