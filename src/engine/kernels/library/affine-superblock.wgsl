// Scale and minimum from a superblock of 256 columns: layouts q4k and q8k (src/engine/quantisation/weight-layout.ts).
//   scale = d * sub_scale          min = -(dmin * sub_min)          both products are exact in f32
// Uses: Affine, scales, COLUMNS, WORDS_PER_GROUP.

// A byte, signed: multiplied into the top of its word and converted there, since vectors are shifted slowly.
fn sub_value(words: vec4u, index: u32) -> vec4f {
  return vec4f(bitcast<vec4i>(words * (1u << (24u - 8u * index))) & vec4i(-0x1000000)) * 0x1p-24;
}

fn load_affine(tile: u32, group: u32) -> Affine {
  let num_groups = 32u / WORDS_PER_GROUP;
  let num_words = num_groups / 4u;
  let superblock = group / num_groups;
  let first = (tile * (COLUMNS / 256u) + superblock) * (1u + 2u * num_words);
  let in_block = group % num_groups;
  let factors = scales[first];
  let r0 = unpack2x16float(factors.x);
  let r1 = unpack2x16float(factors.y);
  let r2 = unpack2x16float(factors.z);
  let r3 = unpack2x16float(factors.w);
  let sub_scale = sub_value(scales[first + 1u + in_block / 4u], in_block % 4u);
  let sub_min = sub_value(scales[first + 1u + num_words + in_block / 4u], in_block % 4u);
  return Affine(vec4f(r0.x, r1.x, r2.x, r3.x) * sub_scale, -(vec4f(r0.y, r1.y, r2.y, r3.y) * sub_min));
}
