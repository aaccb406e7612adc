// Dropout of an adapter's input from an integer hash, so that no mask is stored: a value is 0 with probability
// threshold / 2^32, else it is divided by the probability that it stays.
//   bits(part, i) = mix(i * 0x9e3779b9 xor mix(seed + part * 0x9e3779b9)),   dropped where bits < threshold
// mix: lowbias32, https://github.com/skeeto/hash-prospector (public domain).
// Uses: HAS_DROPOUT, params.dropout_seed, params.dropout_threshold, params.keep_scale.

fn mix_bits(value: vec4u) -> vec4u {
  var bits = value;
  bits ^= bits >> vec4u(16u);
  bits *= 0x7feb352du;
  bits ^= bits >> vec4u(15u);
  bits *= 0x846ca68bu;
  bits ^= bits >> vec4u(16u);
  return bits;
}

// What distinguishes the mask of one target module from another's.
fn dropout_key(part: u32) -> u32 {
  if (HAS_DROPOUT == 0u) { return 0u; }
  return mix_bits(vec4u(params.dropout_seed + part * 0x9e3779b9u)).x;
}

// Four neighbouring values of the input, or of its gradient; `index` is the first one's place in [T, D].
fn dropout(four: vec4f, key: u32, index: u32) -> vec4f {
  if (HAS_DROPOUT == 0u) { return four; }
  let bits = mix_bits(((vec4u(index) + vec4u(0u, 1u, 2u, 3u)) * 0x9e3779b9u) ^ vec4u(key));
  return select(four * params.keep_scale, vec4f(), bits < vec4u(params.dropout_threshold));
}
