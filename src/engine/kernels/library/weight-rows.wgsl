// The four rows of a tile over eight columns, row by row: what a product with the transposed matrix takes.
//   w = q * scale + min
// Uses: Quants, Affine, load_quants, load_affine, WORDS_PER_GROUP.

// Columns 0 to 3 of a word (low) and 4 to 7 (high) of each row.
struct WeightRows {
  low0: vec4f, high0: vec4f, low1: vec4f, high1: vec4f, low2: vec4f, high2: vec4f, low3: vec4f, high3: vec4f
}

fn load_rows(tile: u32, word: u32) -> WeightRows {
  let q = load_quants(tile, word);
  let low = q.low;
  let high = q.high;
  let affine = load_affine(tile, word / WORDS_PER_GROUP);
  let s = affine.scale;
  let m = affine.min;
  return WeightRows(
    vec4f(low.c0.x, low.c1.x, low.c2.x, low.c3.x) * s.x + m.x, vec4f(high.c0.x, high.c1.x, high.c2.x, high.c3.x) * s.x + m.x,
    vec4f(low.c0.y, low.c1.y, low.c2.y, low.c3.y) * s.y + m.y, vec4f(high.c0.y, high.c1.y, high.c2.y, high.c3.y) * s.y + m.y,
    vec4f(low.c0.z, low.c1.z, low.c2.z, low.c3.z) * s.z + m.z, vec4f(high.c0.z, high.c1.z, high.c2.z, high.c3.z) * s.z + m.z,
    vec4f(low.c0.w, low.c1.w, low.c2.w, low.c3.w) * s.w + m.w, vec4f(high.c0.w, high.c1.w, high.c2.w, high.c3.w) * s.w + m.w);
}

// Four columns' sums over the rows of a tile.
fn low_columns(w: WeightRows, d: vec4f) -> vec4f {
  return w.low0 * d.x + w.low1 * d.y + w.low2 * d.z + w.low3 * d.w;
}

fn high_columns(w: WeightRows, d: vec4f) -> vec4f {
  return w.high0 * d.x + w.high1 * d.y + w.high2 * d.z + w.high3 * d.w;
}
