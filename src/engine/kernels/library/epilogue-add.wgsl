// What a linear kernel does with the two tiles (eight rows) of one token: add them to the residual stream.
// Uses: y, params.

fn finish(token: u32, tile_pair: u32, first: vec4f, second: vec4f) {
  let at = (token * params.y_stride + params.y_offset) / 4u + tile_pair * 2u;
  y[at] += first;
  y[at + 1u] += second;
}
