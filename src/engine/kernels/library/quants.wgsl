// Columns of the four rows of a tile, as numbers before scale and minimum: w = c * scale + min.

struct Quad { c0: vec4f, c1: vec4f, c2: vec4f, c3: vec4f }
struct Quants { low: Quad, high: Quad }
struct Affine { scale: vec4f, min: vec4f }

fn apply(w: Quad, affine: Affine) -> Quad {
  return Quad(
    w.c0 * affine.scale + affine.min, w.c1 * affine.scale + affine.min,
    w.c2 * affine.scale + affine.min, w.c3 * affine.scale + affine.min);
}

// Four rows' products with four values of x.
fn dot_quad(w: Quad, x: vec4f) -> vec4f {
  return (w.c0 * x.x + w.c1 * x.y) + (w.c2 * x.z + w.c3 * x.w);
}

// Four rows' products with eight values of x, added to `sum` in the order in which dot_quad by dot_quad does.
// So without scales a row's result does not depend on the rows beside it in a call.
fn add_columns(sum: vec4f, w: Quants, x0: vec4f, x1: vec4f) -> vec4f {
  return (sum + dot_quad(w.low, x0)) + dot_quad(w.high, x1);
}
