// Columns of the four rows of a tile, as numbers before scale and minimum: w = c * scale + min.

struct Quad { c0: vec4f, c1: vec4f, c2: vec4f, c3: vec4f }
struct Quants { c0: vec4f, c1: vec4f, c2: vec4f, c3: vec4f, c4: vec4f, c5: vec4f, c6: vec4f, c7: vec4f }
struct Affine { scale: vec4f, min: vec4f }

fn join(low: Quad, high: Quad) -> Quants {
  return Quants(low.c0, low.c1, low.c2, low.c3, high.c0, high.c1, high.c2, high.c3);
}

fn apply(w: Quad, affine: Affine) -> Quad {
  return Quad(
    w.c0 * affine.scale + affine.min, w.c1 * affine.scale + affine.min,
    w.c2 * affine.scale + affine.min, w.c3 * affine.scale + affine.min);
}

// Four rows' products with four values of x.
fn dot_quad(w: Quad, x: vec4f) -> vec4f {
  return w.c0 * x.x + w.c1 * x.y + w.c2 * x.z + w.c3 * x.w;
}

// Four rows' products with eight values of x.
fn dot_columns(w: Quants, x0: vec4f, x1: vec4f) -> vec4f {
  return w.c0 * x0.x + w.c1 * x0.y + w.c2 * x0.z + w.c3 * x0.w + w.c4 * x1.x + w.c5 * x1.y + w.c6 * x1.z + w.c7 * x1.w;
}
