// Values stored as packed f16, reading.   Uses: v_pool, HEAD_DIM, NUM_KV_HEADS.

fn load_values(slot: u32, kv_head: u32, quad: u32) -> vec4f {
  let words = v_pool[(slot * NUM_KV_HEADS + kv_head) * (HEAD_DIM / 8u) + quad / 2u];
  let pair = select(words.xy, words.zw, quad % 2u == 1u);
  return vec4f(unpack2x16float(pair.x), unpack2x16float(pair.y));
}
