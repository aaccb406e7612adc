// Finishes q, k and v of the tokens of a training pass.
//   u = qkv + bias;   q, k: u = u / sqrt(mean(u^2) + eps) * norm (qwen3), then rotated at the token's position p:
//   h[i] = u[i] cos(p f_i) - u[i + K/2] sin(p f_i),   h[i + K/2] = u[i + K/2] cos(p f_i) + u[i] sin(p f_i)
// qkv, heads: [N, (H + 2 Hkv) K] f32    bias: [(H + 2 Hkv) K]    q_norm, k_norm: [K]    rope: [positions, K/2] (cos, sin)
// table: per token [prefix start, prefix length, own start, query end];   p = prefix length + token - own start
// A thread per token and head: neighbouring threads read neighbouring heads, and no sum is shared.
// Prelude: head_of, biased, norm_weight, angles_of.    Reference: rotary.reference.ts

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
@group(0) @binding(6) var<storage, read_write> heads: array<vec4f>;
@group(0) @binding(7) var<uniform>             params: Params;

fn inverse_rms(head: Head) -> f32 {
  var squares = vec4f();
  for (var quad = 0u; quad < HEAD_DIM / 4u; quad++) {
    let u = biased(head, quad);
    squares += u * u;
  }
  return 1.0 / sqrt((squares.x + squares.y + squares.z + squares.w) / f32(HEAD_DIM) + params.eps);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let head = head_of(id.x);
  if (head.token >= params.num_tokens) { return; }
  if (head.is_value) {
    for (var quad = 0u; quad < HEAD_DIM / 4u; quad++) { heads[head.first + quad] = biased(head, quad); }
    return;
  }
  var inverse = 1.0;
  if (HAS_QK_NORM == 1u) { inverse = inverse_rms(head); }
  for (var i = 0u; i < HEAD_DIM / 8u; i++) {
    var low = biased(head, i);
    var high = biased(head, i + HEAD_DIM / 8u);
    if (HAS_QK_NORM == 1u) {
      low *= inverse * norm_weight(head, i);
      high *= inverse * norm_weight(head, i + HEAD_DIM / 8u);
    }
    let angles = angles_of(head, i);
    heads[head.first + i] = low * angles.cosines - high * angles.sines;
    heads[head.first + i + HEAD_DIM / 8u] = high * angles.cosines + low * angles.sines;
  }
}
