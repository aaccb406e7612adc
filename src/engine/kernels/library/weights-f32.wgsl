// Weight layout f32: one vec4u = one column of the four rows of a tile (src/engine/quantisation/weight-layout.ts).
// Uses: Quad, Quants, Affine, values, COLUMNS.

fn load_quad(tile: u32, quad: u32) -> Quad {
  let first = tile * COLUMNS + quad * 4u;
  return Quad(
    bitcast<vec4f>(values[first]), bitcast<vec4f>(values[first + 1u]),
    bitcast<vec4f>(values[first + 2u]), bitcast<vec4f>(values[first + 3u]));
}

fn load_quants(tile: u32, word: u32) -> Quants {
  return Quants(load_quad(tile, word * 2u), load_quad(tile, word * 2u + 1u));
}

fn load_affine(tile: u32, group: u32) -> Affine {
  return Affine(vec4f(1.0), vec4f(0.0));
}
