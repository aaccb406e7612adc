// Weight layout f32: one vec4u = one column of the four rows of a tile (src/engine/quantisation/weight-layout.ts).
// Uses: Quants, Affine, values, COLUMNS.

fn load_quants(tile: u32, word: u32) -> Quants {
  let first = tile * COLUMNS + word * 8u;
  return Quants(
    bitcast<vec4f>(values[first]), bitcast<vec4f>(values[first + 1u]),
    bitcast<vec4f>(values[first + 2u]), bitcast<vec4f>(values[first + 3u]),
    bitcast<vec4f>(values[first + 4u]), bitcast<vec4f>(values[first + 5u]),
    bitcast<vec4f>(values[first + 6u]), bitcast<vec4f>(values[first + 7u]));
}

fn load_affine(tile: u32, group: u32) -> Affine {
  return Affine(vec4f(1.0), vec4f(0.0));
}
