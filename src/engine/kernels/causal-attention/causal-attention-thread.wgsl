// Causal attention of packed rows, a thread per four queries and head.
//   s_j = q . k_j / sqrt(K);   y = sum_j exp(s_j - logsumexp) v_j;   logsumexp = ln sum_j exp(s_j)     over the keys j that n sees
// heads: [N, (H + 2 Hkv) K] f32, queries and keys rotated    y: [N, H K]    logsumexp: [N, H]
// table: per token [prefix start, prefix length, own start, query end]; n sees its prefix and own start .. n
// Register blocking without shared memory: four queries by eight keys, online softmax. Neighbouring threads have neighbouring
// queries, so they read the same keys at the same time: the shape for adapters with few lanes.
// Prelude: keys_of, sees.    Reference: causal-attention.reference.ts    Derivation: docs/maths/causal-attention-backward.md

const MAX_QUADS: u32 = 32;
const KEYS: u32 = 8;

override WORKGROUP_SIZE: u32 = 8;
override HEAD_DIM: u32;   // a multiple of 8, at most 128
override NUM_HEADS: u32;
override NUM_KV_HEADS: u32;

struct Params { num_tokens: u32, tokens_at: u32, scale: f32 }

@group(0) @binding(0) var<storage, read>       heads: array<vec4f>;
@group(0) @binding(1) var<storage, read>       table: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> logsumexp: array<f32>;
@group(0) @binding(4) var<uniform>             params: Params;

// What stands for the score of a key that is not seen.
const UNSEEN: f32 = -3.0e38;

fn masked(scores: vec4f, key: u32, seen_from: vec4u, seen_end: vec4u) -> vec4f {
  return select(vec4f(UNSEEN), scores, sees(key, seen_from, seen_end));
}

fn weight(scores: vec4f, highest: vec4f) -> vec4f {
  return select(exp(scores - highest), vec4f(), scores == vec4f(UNSEEN));
}

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
  let q = min(n, vec4u(params.num_tokens - 1u)) * width + head * num_quads;
  var queries: array<vec4f, 4u * MAX_QUADS>;
  var sums: array<vec4f, 4u * MAX_QUADS>;
  for (var d = 0u; d < num_quads; d++) {
    queries[d * 4u] = params.scale * heads[q.x + d];
    queries[d * 4u + 1u] = params.scale * heads[q.y + d];
    queries[d * 4u + 2u] = params.scale * heads[q.z + d];
    queries[d * 4u + 3u] = params.scale * heads[q.w + d];
  }
  var running_max = vec4f(UNSEEN);
  var total = vec4f();
  for (var part = 0u; part < 2u; part++) {
    let r0 = keys_of(n.x, part); let r1 = keys_of(n.y, part); let r2 = keys_of(n.z, part); let r3 = keys_of(n.w, part);
    let seen_from = vec4u(r0.x, r1.x, r2.x, r3.x);
    let seen_end = vec4u(r0.y, r1.y, r2.y, r3.y);
    let start = min(min(r0.x, r1.x), min(r2.x, r3.x));
    let end = max(max(r0.y, r1.y), max(r2.y, r3.y));
    for (var key = start; key < end; key += KEYS) {
      let last = end - 1u;
      let k0 = key * width + k_column;
      let k1 = min(key + 1u, last) * width + k_column;
      let k2 = min(key + 2u, last) * width + k_column;
      let k3 = min(key + 3u, last) * width + k_column;
      let k4 = min(key + 4u, last) * width + k_column;
      let k5 = min(key + 5u, last) * width + k_column;
      let k6 = min(key + 6u, last) * width + k_column;
      let k7 = min(key + 7u, last) * width + k_column;
      var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
      var s4 = vec4f(); var s5 = vec4f(); var s6 = vec4f(); var s7 = vec4f();
      for (var d = 0u; d < num_quads; d++) {
        let a = queries[d * 4u]; let b = queries[d * 4u + 1u]; let c = queries[d * 4u + 2u]; let e = queries[d * 4u + 3u];
        var x = heads[k0 + d]; s0 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[k1 + d]; s1 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[k2 + d]; s2 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[k3 + d]; s3 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[k4 + d]; s4 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[k5 + d]; s5 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[k6 + d]; s6 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[k7 + d]; s7 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
      }
      s0 = masked(s0, key, seen_from, seen_end); s1 = masked(s1, key + 1u, seen_from, seen_end);
      s2 = masked(s2, key + 2u, seen_from, seen_end); s3 = masked(s3, key + 3u, seen_from, seen_end);
      s4 = masked(s4, key + 4u, seen_from, seen_end); s5 = masked(s5, key + 5u, seen_from, seen_end);
      s6 = masked(s6, key + 6u, seen_from, seen_end); s7 = masked(s7, key + 7u, seen_from, seen_end);
      let new_max = max(running_max, max(max(max(s0, s1), max(s2, s3)), max(max(s4, s5), max(s6, s7))));
      let correction = exp(running_max - new_max);
      running_max = new_max;
      s0 = weight(s0, new_max); s1 = weight(s1, new_max); s2 = weight(s2, new_max); s3 = weight(s3, new_max);
      s4 = weight(s4, new_max); s5 = weight(s5, new_max); s6 = weight(s6, new_max); s7 = weight(s7, new_max);
      total = total * correction + s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7;
      for (var d = 0u; d < num_quads; d++) {
        let v = v_after_k + d;
        var a = sums[d * 4u] * correction.x; var b = sums[d * 4u + 1u] * correction.y;
        var c = sums[d * 4u + 2u] * correction.z; var e = sums[d * 4u + 3u] * correction.w;
        var x = heads[k0 + v]; a += s0.x * x; b += s0.y * x; c += s0.z * x; e += s0.w * x;
        x = heads[k1 + v]; a += s1.x * x; b += s1.y * x; c += s1.z * x; e += s1.w * x;
        x = heads[k2 + v]; a += s2.x * x; b += s2.y * x; c += s2.z * x; e += s2.w * x;
        x = heads[k3 + v]; a += s3.x * x; b += s3.y * x; c += s3.z * x; e += s3.w * x;
        x = heads[k4 + v]; a += s4.x * x; b += s4.y * x; c += s4.z * x; e += s4.w * x;
        x = heads[k5 + v]; a += s5.x * x; b += s5.y * x; c += s5.z * x; e += s5.w * x;
        x = heads[k6 + v]; a += s6.x * x; b += s6.y * x; c += s6.z * x; e += s6.w * x;
        x = heads[k7 + v]; a += s7.x * x; b += s7.y * x; c += s7.z * x; e += s7.w * x;
        sums[d * 4u] = a; sums[d * 4u + 1u] = b; sums[d * 4u + 2u] = c; sums[d * 4u + 3u] = e;
      }
    }
  }
  for (var i = 0u; i < 4u; i++) {
    if (n[i] >= params.num_tokens) { return; }
    let to = n[i] * NUM_HEADS + head;
    for (var d = 0u; d < num_quads; d++) { y[to * num_quads + d] = sums[d * 4u + i] / total[i]; }
    logsumexp[to] = running_max[i] + log(total[i]);
  }
}
