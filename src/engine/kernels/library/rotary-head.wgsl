// One head of q, k or v of one token, four neighbouring dimensions (a quad) at a time; a thread owns the head. Quad i of
// the lower half is rotated with quad i + K/8.
//   u = qkv + bias;   rotary position = prefix_length + token - own_start
// Uses: qkv, bias, q_norm, k_norm, rope, table, HEAD_DIM, NUM_HEADS, NUM_KV_HEADS, params.tokens_at.

struct Head { token: u32, index: u32, first: u32, is_query: bool, is_value: bool }

// first: the head's first quad in qkv.
fn head_of(thread: u32) -> Head {
  let num_heads = NUM_HEADS + 2u * NUM_KV_HEADS;
  let index = thread % num_heads;
  let is_query = index < NUM_HEADS;
  let is_value = index >= NUM_HEADS + NUM_KV_HEADS;
  return Head(thread / num_heads, index, thread * (HEAD_DIM / 4u), is_query, is_value);
}

fn biased(head: Head, quad: u32) -> vec4f {
  return qkv[head.first + quad] + bias[head.index * (HEAD_DIM / 4u) + quad];
}

fn norm_weight(head: Head, quad: u32) -> vec4f {
  return select(k_norm[quad], q_norm[quad], head.is_query);
}

struct Angles { cosines: vec4f, sines: vec4f }

// Of the four pairs of quad i of the lower half.
fn angles_of(head: Head, i: u32) -> Angles {
  let entry = params.tokens_at + head.token * 4u;
  let position = table[entry + 1u] + head.token - table[entry + 2u];
  let at = (position * (HEAD_DIM / 8u) + i) * 2u;
  let a = rope[at];
  let b = rope[at + 1u];
  return Angles(vec4f(a.x, a.z, b.x, b.z), vec4f(a.y, a.w, b.y, b.w));
}
