// Scale of 32 columns as one f32 a row, and the minimum that follows from it: layout q4s (MLC's int4, q - 7).
//   w = (q - 7) * scale = q * scale + min          exact in f32 for the f16 and bf16 scales of such files
// Uses: Affine, scales, COLUMNS.

fn load_affine(tile: u32, group: u32) -> Affine {
  let scale = bitcast<vec4f>(scales[tile * (COLUMNS / 32u) + group]);
  return Affine(scale, scale * -7.0);
}
