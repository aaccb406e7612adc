// Eight 4-bit columns of the four rows of a tile: one vec4u (src/engine/quantisation/weight-layout.ts).
// Signed conversion, since int to float is one instruction where unsigned to float is several.
// Uses: Quants, values, COLUMNS.

fn load_quants(tile: u32, word: u32) -> Quants {
  let w = bitcast<vec4i>(values[tile * (COLUMNS / 8u) + word]);
  let mask = vec4i(15);
  return Quants(
    vec4f(w & mask), vec4f((w >> vec4u(4u)) & mask), vec4f((w >> vec4u(8u)) & mask), vec4f((w >> vec4u(12u)) & mask),
    vec4f((w >> vec4u(16u)) & mask), vec4f((w >> vec4u(20u)) & mask), vec4f((w >> vec4u(24u)) & mask),
    vec4f((w >> vec4u(28u)) & mask));
}
