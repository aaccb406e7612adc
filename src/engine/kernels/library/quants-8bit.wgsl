// Eight signed 8-bit columns of the four rows of a tile: two vec4u (src/engine/quantisation/weight-layout.ts).
// Uses: Quants, values, COLUMNS.

fn load_quants(tile: u32, word: u32) -> Quants {
  let first = tile * (COLUMNS / 4u) + word * 2u;
  let a = bitcast<vec4i>(values[first]);
  let b = bitcast<vec4i>(values[first + 1u]);
  let top = vec4u(24u);
  return Quants(
    vec4f((a << top) >> top), vec4f((a << vec4u(16u)) >> top), vec4f((a << vec4u(8u)) >> top), vec4f(a >> top),
    vec4f((b << top) >> top), vec4f((b << vec4u(16u)) >> top), vec4f((b << vec4u(8u)) >> top), vec4f(b >> top));
}
