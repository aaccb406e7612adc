// Keys stored as packed f16, reading.   Uses: query, k_pool, HEAD_DIM, NUM_KV_HEADS.

fn key_dot(slot: u32, kv_head: u32) -> f32 {
  let first = (slot * NUM_KV_HEADS + kv_head) * (HEAD_DIM / 8u);
  var sum = vec4f();
  for (var i = 0u; i < HEAD_DIM / 8u; i++) {
    let words = k_pool[first + i];
    sum += query[2u * i] * vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
    sum += query[2u * i + 1u] * vec4f(unpack2x16float(words.z), unpack2x16float(words.w));
  }
  return sum.x + sum.y + sum.z + sum.w;
}

fn load_key(slot: u32, kv_head: u32, quad: u32) -> vec4f {
  let words = k_pool[(slot * NUM_KV_HEADS + kv_head) * (HEAD_DIM / 8u) + quad / 2u];
  let pair = select(words.xy, words.zw, quad % 2u == 1u);
  return vec4f(unpack2x16float(pair.x), unpack2x16float(pair.y));
}
