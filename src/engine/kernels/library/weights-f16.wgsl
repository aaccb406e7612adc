// Weight layout f16: one vec4u = two columns of the four rows of a tile, packed (src/engine/quantisation/weight-layout.ts).
// Uses: Quad, Quants, Affine, values, COLUMNS.

struct ColumnPair { low: vec4f, high: vec4f }

fn unpack_pair(words: vec4u) -> ColumnPair {
  let r0 = unpack2x16float(words.x);
  let r1 = unpack2x16float(words.y);
  let r2 = unpack2x16float(words.z);
  let r3 = unpack2x16float(words.w);
  return ColumnPair(vec4f(r0.x, r1.x, r2.x, r3.x), vec4f(r0.y, r1.y, r2.y, r3.y));
}

fn load_quad(tile: u32, quad: u32) -> Quad {
  let first = tile * (COLUMNS / 2u) + quad * 2u;
  let p0 = unpack_pair(values[first]);
  let p1 = unpack_pair(values[first + 1u]);
  return Quad(p0.low, p0.high, p1.low, p1.high);
}

fn load_quants(tile: u32, word: u32) -> Quants {
  return Quants(load_quad(tile, word * 2u), load_quad(tile, word * 2u + 1u));
}

fn load_affine(tile: u32, group: u32) -> Affine {
  return Affine(vec4f(1.0), vec4f(0.0));
}
