// Eight 4-bit columns of the four rows of a tile: one vec4u (src/engine/quantisation/weight-layout.ts).
// A nibble is converted where it lies and scaled by a power of two, which is exact: software adapters shift vectors
// slowly. Signed conversion, since int to float is one instruction where unsigned to float is several.
// Uses: Quad, Quants, values, COLUMNS.

fn unpack_low_half(words: vec4u) -> Quad {
  let w = bitcast<vec4i>(words);
  return Quad(
    vec4f(w & vec4i(0xf)), vec4f(w & vec4i(0xf0)) * 0x1p-4,
    vec4f(w & vec4i(0xf00)) * 0x1p-8, vec4f(w & vec4i(0xf000)) * 0x1p-12);
}

fn load_quad(tile: u32, quad: u32) -> Quad {
  return unpack_low_half(values[tile * (COLUMNS / 8u) + quad / 2u] >> vec4u((quad & 1u) * 16u));
}

fn load_quants(tile: u32, word: u32) -> Quants {
  let w = values[tile * (COLUMNS / 8u) + word];
  return Quants(unpack_low_half(w), unpack_low_half(w >> vec4u(16u)));
}
