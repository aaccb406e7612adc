// The four rows of a tile over eight columns, row by row: what a product with the transposed matrix takes.
//   w = q * scale + min
// Uses: Quants, Affine, load_quants, load_affine, WORDS_PER_GROUP.

// Columns 0 to 3 of a word (low) and 4 to 7 (high) of each row.
struct WeightRows {
  low0: vec4f, high0: vec4f, low1: vec4f, high1: vec4f, low2: vec4f, high2: vec4f, low3: vec4f, high3: vec4f
}

fn load_rows(tile: u32, word: u32) -> WeightRows {
  let q = load_quants(tile, word);
  let affine = load_affine(tile, word / WORDS_PER_GROUP);
  let s = affine.scale;
  let m = affine.min;
  return WeightRows(
    vec4f(q.c0.x, q.c1.x, q.c2.x, q.c3.x) * s.x + m.x, vec4f(q.c4.x, q.c5.x, q.c6.x, q.c7.x) * s.x + m.x,
    vec4f(q.c0.y, q.c1.y, q.c2.y, q.c3.y) * s.y + m.y, vec4f(q.c4.y, q.c5.y, q.c6.y, q.c7.y) * s.y + m.y,
    vec4f(q.c0.z, q.c1.z, q.c2.z, q.c3.z) * s.z + m.z, vec4f(q.c4.z, q.c5.z, q.c6.z, q.c7.z) * s.z + m.z,
    vec4f(q.c0.w, q.c1.w, q.c2.w, q.c3.w) * s.w + m.w, vec4f(q.c4.w, q.c5.w, q.c6.w, q.c7.w) * s.w + m.w);
}

// Four columns' sums over the rows of a tile.
fn low_columns(w: WeightRows, d: vec4f) -> vec4f {
  return w.low0 * d.x + w.low1 * d.y + w.low2 * d.z + w.low3 * d.w;
}

fn high_columns(w: WeightRows, d: vec4f) -> vec4f {
  return w.high0 * d.x + w.high1 * d.y + w.high2 * d.z + w.high3 * d.w;
}
