// KV storage packed f16, writing: the lane of an even element stores the pair.
// Uses: row, k_pool, v_pool, HEAD_DIM, NUM_KV_HEADS.

fn store_key(slot: u32, kv_head: u32, d: u32) {
  if (d % 2u == 1u) { return; }
  k_pool[((slot * NUM_KV_HEADS + kv_head) * HEAD_DIM + d) / 2u] = pack2x16float(vec2f(row[d], row[d + 1u]));
}

fn store_value(slot: u32, kv_head: u32, d: u32) {
  if (d % 2u == 1u) { return; }
  v_pool[((slot * NUM_KV_HEADS + kv_head) * HEAD_DIM + d) / 2u] = pack2x16float(vec2f(row[d], row[d + 1u]));
}
