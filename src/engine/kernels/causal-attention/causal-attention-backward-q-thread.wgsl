// Gradient of causal attention with respect to the queries, a thread per four queries and head.
//   p_j = exp(s_j - logsumexp);   ds_j = p_j (dy . v_j - delta);   dq = sum_j ds_j k_j / sqrt(K)      over the keys j that n sees
// heads, table, logsumexp: see causal-attention-thread.wgsl    dy: [N, H K] f32    delta: [N, H]
// d_heads: [N, (H + 2 Hkv) K]; the query columns are stored here
// Four queries by four keys in registers, no shared memory: the shape for adapters with few lanes.
// Prelude: keys_of, sees.    Reference: causal-attention.reference.ts    Derivation: docs/maths/causal-attention-backward.md

const MAX_QUADS: u32 = 32;
const KEYS: u32 = 4;

override WORKGROUP_SIZE: u32 = 8;
override HEAD_DIM: u32;   // a multiple of 8, at most 128
override NUM_HEADS: u32;
override NUM_KV_HEADS: u32;

struct Params { num_tokens: u32, tokens_at: u32, scale: f32 }

@group(0) @binding(0) var<storage, read>       heads: array<vec4f>;
@group(0) @binding(1) var<storage, read>       table: array<u32>;
@group(0) @binding(2) var<storage, read>       dy: array<vec4f>;
@group(0) @binding(3) var<storage, read>       logsumexp: array<f32>;
@group(0) @binding(4) var<storage, read>       delta: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_heads: array<vec4f>;
@group(0) @binding(6) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let first = id.x * 4u;
  let head = id.y;
  if (first >= params.num_tokens) { return; }
  let num_quads = HEAD_DIM / 4u;
  let width = (NUM_HEADS + 2u * NUM_KV_HEADS) * num_quads;
  let k_column = (NUM_HEADS + head / (NUM_HEADS / NUM_KV_HEADS)) * num_quads;
  let v_after_k = NUM_KV_HEADS * num_quads;
  let n = first + vec4u(0u, 1u, 2u, 3u);
  let inside = min(n, vec4u(params.num_tokens - 1u));
  let q = inside * width + head * num_quads;
  let row = inside * NUM_HEADS + head;
  let g = row * num_quads;
  let row_logsumexp = vec4f(logsumexp[row.x], logsumexp[row.y], logsumexp[row.z], logsumexp[row.w]);
  let row_delta = vec4f(delta[row.x], delta[row.y], delta[row.z], delta[row.w]);
  var queries: array<vec4f, 4u * MAX_QUADS>;
  var d_ys: array<vec4f, 4u * MAX_QUADS>;
  var sums: array<vec4f, 4u * MAX_QUADS>;
  for (var d = 0u; d < num_quads; d++) {
    for (var i = 0u; i < 4u; i++) {
      queries[d * 4u + i] = params.scale * heads[q[i] + d];
      d_ys[d * 4u + i] = dy[g[i] + d];
    }
  }
  for (var part = 0u; part < 2u; part++) {
    let r0 = keys_of(n.x, part); let r1 = keys_of(n.y, part); let r2 = keys_of(n.z, part); let r3 = keys_of(n.w, part);
    let seen_from = vec4u(r0.x, r1.x, r2.x, r3.x);
    let seen_end = vec4u(r0.y, r1.y, r2.y, r3.y);
    let end = max(max(r0.y, r1.y), max(r2.y, r3.y));
    for (var key = min(min(r0.x, r1.x), min(r2.x, r3.x)); key < end; key += KEYS) {
      let k0 = key * width + k_column;
      let k1 = min(key + 1u, end - 1u) * width + k_column;
      let k2 = min(key + 2u, end - 1u) * width + k_column;
      let k3 = min(key + 3u, end - 1u) * width + k_column;
      var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
      var d0 = vec4f(); var d1 = vec4f(); var d2 = vec4f(); var d3 = vec4f();
      for (var d = 0u; d < num_quads; d++) {
        let v = v_after_k + d;
        var a = queries[d * 4u]; var b = queries[d * 4u + 1u]; var c = queries[d * 4u + 2u]; var e = queries[d * 4u + 3u];
        var x = heads[k0 + d]; s0 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[k1 + d]; s1 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[k2 + d]; s2 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[k3 + d]; s3 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        a = d_ys[d * 4u]; b = d_ys[d * 4u + 1u]; c = d_ys[d * 4u + 2u]; e = d_ys[d * 4u + 3u];
        x = heads[k0 + v]; d0 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[k1 + v]; d1 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[k2 + v]; d2 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[k3 + v]; d3 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
      }
      s0 = select(vec4f(), exp(s0 - row_logsumexp) * (d0 - row_delta), sees(key, seen_from, seen_end));
      s1 = select(vec4f(), exp(s1 - row_logsumexp) * (d1 - row_delta), sees(key + 1u, seen_from, seen_end));
      s2 = select(vec4f(), exp(s2 - row_logsumexp) * (d2 - row_delta), sees(key + 2u, seen_from, seen_end));
      s3 = select(vec4f(), exp(s3 - row_logsumexp) * (d3 - row_delta), sees(key + 3u, seen_from, seen_end));
      for (var d = 0u; d < num_quads; d++) {
        var a = sums[d * 4u]; var b = sums[d * 4u + 1u]; var c = sums[d * 4u + 2u]; var e = sums[d * 4u + 3u];
        var x = heads[k0 + d]; a += s0.x * x; b += s0.y * x; c += s0.z * x; e += s0.w * x;
        x = heads[k1 + d]; a += s1.x * x; b += s1.y * x; c += s1.z * x; e += s1.w * x;
        x = heads[k2 + d]; a += s2.x * x; b += s2.y * x; c += s2.z * x; e += s2.w * x;
        x = heads[k3 + d]; a += s3.x * x; b += s3.y * x; c += s3.z * x; e += s3.w * x;
        sums[d * 4u] = a; sums[d * 4u + 1u] = b; sums[d * 4u + 2u] = c; sums[d * 4u + 3u] = e;
      }
    }
  }
  for (var i = 0u; i < 4u; i++) {
    if (n[i] >= params.num_tokens) { return; }
    for (var d = 0u; d < num_quads; d++) { d_heads[q[i] + d] = params.scale * sums[d * 4u + i]; }
  }
}
