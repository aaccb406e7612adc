// Eight signed 8-bit columns of the four rows of a tile: two vec4u (src/engine/quantisation/weight-layout.ts).
// A byte is converted where it lies and scaled by a power of two, which is exact: software adapters shift vectors
// slowly. The lower three are made positive by flipping their sign bits, which adds 128.
// Uses: Quad, Quants, values, COLUMNS.

fn load_quad(tile: u32, quad: u32) -> Quad {
  let w = bitcast<vec4i>(values[tile * (COLUMNS / 4u) + quad] ^ vec4u(0x808080));
  return Quad(
    vec4f(w & vec4i(0xff)) - 128.0, vec4f(w & vec4i(0xff00)) * 0x1p-8 - 128.0,
    vec4f(w & vec4i(0xff0000)) * 0x1p-16 - 128.0, vec4f(w & vec4i(-0x1000000)) * 0x1p-24);
}

fn load_quants(tile: u32, word: u32) -> Quants {
  return Quants(load_quad(tile, word * 2u), load_quad(tile, word * 2u + 1u));
}
