// What a linear kernel does with the two tiles of one token when gate and up tiles alternate:
//   y = silu(gate) * up,   silu(g) = g / (1 + exp(-g))
// Uses: y, params.

fn finish(token: u32, tile_pair: u32, first: vec4f, second: vec4f) {
  let at = (token * params.y_stride + params.y_offset) / 4u + tile_pair;
  y[at] = first / (vec4f(1.0) + exp(-first)) * second;
}
