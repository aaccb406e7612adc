// Gradient of rotary: from the finished heads back to the raw q, k and v.
//   dn = rho(dh, -p);   without norms du = dn;   with norms, g = norm * dn and inverse = 1 / sqrt(mean(u^2) + eps):
//   du = inverse * (g - u * inverse^2 * mean(g * u));   values: du = dh
// qkv, d_heads, d_qkv: [N, (H + 2 Hkv) K] f32    bias: [(H + 2 Hkv) K]    q_norm, k_norm: [K]
// rope: [positions, K/2] (cos, sin)    table: per token [prefix start, prefix length, own start, query end]
// A thread per token and head, as in rotary.wgsl; with norms it walks the head twice. Every column is stored.
// Prelude: head_of, biased, norm_weight, angles_of.    Reference: rotary-backward.reference.ts
// Derivation: docs/maths/transformer-backward.md

override WORKGROUP_SIZE: u32 = 64;
override HEAD_DIM: u32;   // a multiple of 8
override NUM_HEADS: u32;
override NUM_KV_HEADS: u32;
override HAS_QK_NORM: u32;

struct Params { num_tokens: u32, tokens_at: u32, eps: f32 }

@group(0) @binding(0) var<storage, read>       qkv: array<vec4f>;
@group(0) @binding(1) var<storage, read>       bias: array<vec4f>;
@group(0) @binding(2) var<storage, read>       q_norm: array<vec4f>;
@group(0) @binding(3) var<storage, read>       k_norm: array<vec4f>;
@group(0) @binding(4) var<storage, read>       rope: array<vec4f>;
@group(0) @binding(5) var<storage, read>       table: array<u32>;
@group(0) @binding(6) var<storage, read>       d_heads: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> d_qkv: array<vec4f>;
@group(0) @binding(8) var<uniform>             params: Params;

struct Halves { low: vec4f, high: vec4f }

// Gradient of the pairs of quad i in front of the rotation and behind the norm's division.
fn unrotated(head: Head, i: u32) -> Halves {
  let low = d_heads[head.first + i];
  let high = d_heads[head.first + i + HEAD_DIM / 8u];
  let angles = angles_of(head, i);
  let d = Halves(low * angles.cosines + high * angles.sines, high * angles.cosines - low * angles.sines);
  if (HAS_QK_NORM == 0u) { return d; }
  return Halves(d.low * norm_weight(head, i), d.high * norm_weight(head, i + HEAD_DIM / 8u));
}

struct Norm { inverse: f32, along: f32 }

// 1 / rms(u), and the share of u that leaves the gradient.
fn norm_of(head: Head) -> Norm {
  var squares = vec4f();
  var products = vec4f();
  for (var i = 0u; i < HEAD_DIM / 8u; i++) {
    let low = biased(head, i);
    let high = biased(head, i + HEAD_DIM / 8u);
    let g = unrotated(head, i);
    squares += low * low + high * high;
    products += g.low * low + g.high * high;
  }
  let means = vec2f(dot(squares, vec4f(1.0)), dot(products, vec4f(1.0))) / f32(HEAD_DIM);
  let inverse = 1.0 / sqrt(means.x + params.eps);
  return Norm(inverse, inverse * inverse * means.y);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let head = head_of(id.x);
  if (head.token >= params.num_tokens) { return; }
  if (head.is_value) {
    for (var quad = 0u; quad < HEAD_DIM / 4u; quad++) { d_qkv[head.first + quad] = d_heads[head.first + quad]; }
    return;
  }
  var norm = Norm(1.0, 0.0);
  if (HAS_QK_NORM == 1u) { norm = norm_of(head); }
  for (var i = 0u; i < HEAD_DIM / 8u; i++) {
    var d = unrotated(head, i);
    if (HAS_QK_NORM == 1u) {
      d.low = norm.inverse * (d.low - norm.along * biased(head, i));
      d.high = norm.inverse * (d.high - norm.along * biased(head, i + HEAD_DIM / 8u));
    }
    d_qkv[head.first + i] = d.low;
    d_qkv[head.first + i + HEAD_DIM / 8u] = d.high;
  }
}
