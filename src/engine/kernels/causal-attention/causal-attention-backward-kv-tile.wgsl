// Gradient of causal attention with respect to keys and values, a workgroup per 16 keys and KV head.
//   dv = sum_{n, h} p dy[n, h];   dk = sum_{n, h} p (dy[n, h] . v - delta[n, h]) q[n, h] / sqrt(K);   p = exp(q . k / sqrt(K) - logsumexp)
//   over the query heads h of the KV head's group and the tokens n, from the key's own to its query end, that see it
// Buffers: see causal-attention-backward-q-thread.wgsl; the key and value columns of d_heads are stored here
// 64 lanes = 4 groups of 16. A group has four keys. For a tile of 32 queries each lane takes p and ds of its group's keys with
// two queries; then the lane adds up two quads of dk and dv for the same four keys. Both arrays alternate between two halves,
// so one barrier a tile is enough. Queries go from the first key to the furthest query end of the 16 keys.
// Reference: causal-attention.reference.ts    Derivation: docs/maths/causal-attention-backward.md

const LANES: u32 = 64;
const KEYS: u32 = 16;
const QUERIES: u32 = 32;

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

// p and ds of four keys of a group a vector, [half][query][group].
var<workgroup> weights: array<vec4f, 2u * QUERIES * 4u>;
var<workgroup> gradients: array<vec4f, 2u * QUERIES * 4u>;

// The end of the queries that see a key; of a key past the last no query does.
fn query_end_of(key: u32) -> u32 {
  return select(0u, table[params.tokens_at + min(key, params.num_tokens - 1u) * 4u + 3u], key < params.num_tokens);
}

fn store(start: u32, column: u32, low: vec4f, high: vec4f) {
  let num_quads = HEAD_DIM / 4u;
  if (column < num_quads) { d_heads[start + column] = low; }
  if (column + 16u < num_quads) { d_heads[start + column + 16u] = high; }
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let kv_head = group_id.x;
  let first = group_id.y * KEYS;
  let group = lane / 16u;
  let column = lane % 16u;
  let num_quads = HEAD_DIM / 4u;
  let width = (NUM_HEADS + 2u * NUM_KV_HEADS) * num_quads;
  let v_after_k = NUM_KV_HEADS * num_quads;
  let low = min(column, num_quads - 1u);
  let high = min(column + 16u, num_quads - 1u);
  let last = params.num_tokens - 1u;
  let keys = first + group * 4u + vec4u(0u, 1u, 2u, 3u);
  let k = min(keys, vec4u(last)) * width + (NUM_HEADS + kv_head) * num_quads;
  let v = k + v_after_k;
  let seen_end = vec4u(query_end_of(keys.x), query_end_of(keys.y), query_end_of(keys.z), query_end_of(keys.w));
  var end = 0u;
  for (var i = 0u; i < KEYS; i++) { end = max(end, query_end_of(first + i)); }
  var half = 0u;
  var dk0 = vec4f(); var dk1 = vec4f(); var dk2 = vec4f(); var dk3 = vec4f();
  var dv0 = vec4f(); var dv1 = vec4f(); var dv2 = vec4f(); var dv3 = vec4f();
  var ek0 = vec4f(); var ek1 = vec4f(); var ek2 = vec4f(); var ek3 = vec4f();   // the quads past the sixteenth
  var ev0 = vec4f(); var ev1 = vec4f(); var ev2 = vec4f(); var ev3 = vec4f();
  let num_group_heads = NUM_HEADS / NUM_KV_HEADS;
  for (var head = kv_head * num_group_heads; head < (kv_head + 1u) * num_group_heads; head++) {
    for (var query = first; query < end; query += QUERIES) {
      let n = query + vec2u(column, column + 16u);
      let row = min(n, vec2u(last)) * NUM_HEADS + head;
      let q = min(n, vec2u(last)) * width + head * num_quads;
      let g = row * num_quads;
      var s = vec4f();
      var t = vec4f();
      var ds = vec4f();
      var dt = vec4f();
      for (var d = 0u; d < num_quads; d++) {
        let k0 = heads[k.x + d]; let k1 = heads[k.y + d]; let k2 = heads[k.z + d]; let k3 = heads[k.w + d];
        let q0 = heads[q.x + d]; let q1 = heads[q.y + d];
        s += vec4f(dot(k0, q0), dot(k1, q0), dot(k2, q0), dot(k3, q0));
        t += vec4f(dot(k0, q1), dot(k1, q1), dot(k2, q1), dot(k3, q1));
        let v0 = heads[v.x + d]; let v1 = heads[v.y + d]; let v2 = heads[v.z + d]; let v3 = heads[v.w + d];
        let g0 = dy[g.x + d]; let g1 = dy[g.y + d];
        ds += vec4f(dot(v0, g0), dot(v1, g0), dot(v2, g0), dot(v3, g0));
        dt += vec4f(dot(v0, g1), dot(v1, g1), dot(v2, g1), dot(v3, g1));
      }
      let sees_s = (vec4u(n.x) >= keys) & (vec4u(n.x) < seen_end);
      let sees_t = (vec4u(n.y) >= keys) & (vec4u(n.y) < seen_end);
      let ps = select(vec4f(), exp(s * params.scale - logsumexp[row.x]), sees_s);
      let pt = select(vec4f(), exp(t * params.scale - logsumexp[row.y]), sees_t);
      let to = half * QUERIES * 4u + column * 4u + group;
      weights[to] = ps;
      weights[to + 64u] = pt;
      gradients[to] = select(vec4f(), ps * (ds - delta[row.x]), sees_s);
      gradients[to + 64u] = select(vec4f(), pt * (dt - delta[row.y]), sees_t);
      workgroupBarrier();
      for (var j = 0u; j < min(QUERIES, end - query); j++) {
        let p = weights[half * QUERIES * 4u + j * 4u + group];
        let w = gradients[half * QUERIES * 4u + j * 4u + group];
        let from_q = (query + j) * width + head * num_quads;
        let from_dy = ((query + j) * NUM_HEADS + head) * num_quads;
        let x = heads[from_q + low];
        let z = dy[from_dy + low];
        dk0 += w.x * x; dk1 += w.y * x; dk2 += w.z * x; dk3 += w.w * x;
        dv0 += p.x * z; dv1 += p.y * z; dv2 += p.z * z; dv3 += p.w * z;
        if (num_quads > 16u) {
          let x_high = heads[from_q + high];
          let z_high = dy[from_dy + high];
          ek0 += w.x * x_high; ek1 += w.y * x_high; ek2 += w.z * x_high; ek3 += w.w * x_high;
          ev0 += p.x * z_high; ev1 += p.y * z_high; ev2 += p.z * z_high; ev3 += p.w * z_high;
        }
      }
      half = 1u - half;
    }
  }
  let scale = params.scale;
  if (keys.x <= last) { store(k.x, column, scale * dk0, scale * ek0); store(v.x, column, dv0, ev0); }
  if (keys.y <= last) { store(k.y, column, scale * dk1, scale * ek1); store(v.y, column, dv1, ev1); }
  if (keys.z <= last) { store(k.z, column, scale * dk2, scale * ek2); store(v.z, column, dv2, ev2); }
  if (keys.w <= last) { store(k.w, column, scale * dk3, scale * ek3); store(v.w, column, dv3, ev3); }
}
