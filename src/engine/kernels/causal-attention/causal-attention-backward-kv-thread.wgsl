// Gradient of causal attention with respect to keys and values, a thread per four keys and KV head.
//   dv = sum_{n, h} p dy[n, h];   dk = sum_{n, h} p (dy[n, h] . v - delta[n, h]) q[n, h] / sqrt(K);   p = exp(q . k / sqrt(K) - logsumexp)
//   over the query heads h of the KV head's group and the tokens n, from the key's own to its query end, that see it
// Buffers: see causal-attention-backward-q-thread.wgsl; the key and value columns of d_heads are stored here
// Four keys by four queries in registers, no shared memory. Every four neighbouring threads begin with the same query, so that
// they read the same queries at the same time.
// Reference: causal-attention.reference.ts    Derivation: docs/maths/causal-attention-backward.md

const MAX_QUADS: u32 = 32;
const QUERIES: u32 = 4;

override WORKGROUP_SIZE: u32 = 8;   // a multiple of 4
override HEAD_DIM: u32;             // a multiple of 8, at most 128
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
  let kv_head = id.y;
  if (first >= params.num_tokens) { return; }
  let num_quads = HEAD_DIM / 4u;
  let width = (NUM_HEADS + 2u * NUM_KV_HEADS) * num_quads;
  let tokens = first + vec4u(0u, 1u, 2u, 3u);
  let inside = min(tokens, vec4u(params.num_tokens - 1u));
  let k = inside * width + (NUM_HEADS + kv_head) * num_quads;
  let v = k + NUM_KV_HEADS * num_quads;
  let entry = params.tokens_at + inside * 4u + 3u;
  let seen_end = vec4u(table[entry.x], table[entry.y], table[entry.z], table[entry.w]);
  let end = max(max(seen_end.x, seen_end.y), max(seen_end.z, seen_end.w));
  let group = NUM_HEADS / NUM_KV_HEADS;
  var keys: array<vec4f, 4u * MAX_QUADS>;
  var values: array<vec4f, 4u * MAX_QUADS>;
  var d_keys: array<vec4f, 4u * MAX_QUADS>;
  var d_values: array<vec4f, 4u * MAX_QUADS>;
  for (var d = 0u; d < num_quads; d++) {
    for (var i = 0u; i < 4u; i++) {
      keys[d * 4u + i] = params.scale * heads[k[i] + d];
      values[d * 4u + i] = heads[v[i] + d];
    }
  }
  for (var head = kv_head * group; head < (kv_head + 1u) * group; head++) {
    for (var query = first & ~15u; query < end; query += QUERIES) {
      let queries = query + vec4u(0u, 1u, 2u, 3u);
      let n = min(queries, vec4u(end - 1u));
      let q = n * width + head * num_quads;
      let row = n * NUM_HEADS + head;
      let g = row * num_quads;
      var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
      var d0 = vec4f(); var d1 = vec4f(); var d2 = vec4f(); var d3 = vec4f();
      for (var d = 0u; d < num_quads; d++) {
        var a = keys[d * 4u]; var b = keys[d * 4u + 1u]; var c = keys[d * 4u + 2u]; var e = keys[d * 4u + 3u];
        var x = heads[q.x + d]; s0 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[q.y + d]; s1 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[q.z + d]; s2 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = heads[q.w + d]; s3 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        a = values[d * 4u]; b = values[d * 4u + 1u]; c = values[d * 4u + 2u]; e = values[d * 4u + 3u];
        x = dy[g.x + d]; d0 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = dy[g.y + d]; d1 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = dy[g.z + d]; d2 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
        x = dy[g.w + d]; d3 += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(e, x));
      }
      s0 = select(vec4f(), exp(s0 - logsumexp[row.x]), is_seen(tokens, queries.x, seen_end));
      s1 = select(vec4f(), exp(s1 - logsumexp[row.y]), is_seen(tokens, queries.y, seen_end));
      s2 = select(vec4f(), exp(s2 - logsumexp[row.z]), is_seen(tokens, queries.z, seen_end));
      s3 = select(vec4f(), exp(s3 - logsumexp[row.w]), is_seen(tokens, queries.w, seen_end));
      d0 = select(vec4f(), s0 * (d0 - delta[row.x]), is_seen(tokens, queries.x, seen_end));
      d1 = select(vec4f(), s1 * (d1 - delta[row.y]), is_seen(tokens, queries.y, seen_end));
      d2 = select(vec4f(), s2 * (d2 - delta[row.z]), is_seen(tokens, queries.z, seen_end));
      d3 = select(vec4f(), s3 * (d3 - delta[row.w]), is_seen(tokens, queries.w, seen_end));
      for (var d = 0u; d < num_quads; d++) {
        var a = d_keys[d * 4u]; var b = d_keys[d * 4u + 1u]; var c = d_keys[d * 4u + 2u]; var e = d_keys[d * 4u + 3u];
        var x = heads[q.x + d]; a += d0.x * x; b += d0.y * x; c += d0.z * x; e += d0.w * x;
        x = heads[q.y + d]; a += d1.x * x; b += d1.y * x; c += d1.z * x; e += d1.w * x;
        x = heads[q.z + d]; a += d2.x * x; b += d2.y * x; c += d2.z * x; e += d2.w * x;
        x = heads[q.w + d]; a += d3.x * x; b += d3.y * x; c += d3.z * x; e += d3.w * x;
        d_keys[d * 4u] = a; d_keys[d * 4u + 1u] = b; d_keys[d * 4u + 2u] = c; d_keys[d * 4u + 3u] = e;
        a = d_values[d * 4u]; b = d_values[d * 4u + 1u]; c = d_values[d * 4u + 2u]; e = d_values[d * 4u + 3u];
        x = dy[g.x + d]; a += s0.x * x; b += s0.y * x; c += s0.z * x; e += s0.w * x;
        x = dy[g.y + d]; a += s1.x * x; b += s1.y * x; c += s1.z * x; e += s1.w * x;
        x = dy[g.z + d]; a += s2.x * x; b += s2.y * x; c += s2.z * x; e += s2.w * x;
        x = dy[g.w + d]; a += s3.x * x; b += s3.y * x; c += s3.z * x; e += s3.w * x;
        d_values[d * 4u] = a; d_values[d * 4u + 1u] = b; d_values[d * 4u + 2u] = c; d_values[d * 4u + 3u] = e;
      }
    }
  }
  for (var i = 0u; i < 4u; i++) {
    if (tokens[i] >= params.num_tokens) { return; }
    for (var d = 0u; d < num_quads; d++) {
      d_heads[k[i] + d] = params.scale * d_keys[d * 4u + i];
      d_heads[v[i] + d] = d_values[d * 4u + i];
    }
  }
}

// Four keys and one query.
fn is_seen(keys: vec4u, query: u32, seen_end: vec4u) -> vec4<bool> {
  return (vec4u(query) >= keys) & (vec4u(query) < seen_end);
}
