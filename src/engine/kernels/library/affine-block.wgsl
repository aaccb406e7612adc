// Scale and minimum of 32 columns as one f16 pair a row: layouts q4 and q8.
// Uses: Affine, scales, COLUMNS.

fn load_affine(tile: u32, group: u32) -> Affine {
  let words = scales[tile * (COLUMNS / 32u) + group];
  let r0 = unpack2x16float(words.x);
  let r1 = unpack2x16float(words.y);
  let r2 = unpack2x16float(words.z);
  let r3 = unpack2x16float(words.w);
  return Affine(vec4f(r0.x, r1.x, r2.x, r3.x), vec4f(r0.y, r1.y, r2.y, r3.y));
}
