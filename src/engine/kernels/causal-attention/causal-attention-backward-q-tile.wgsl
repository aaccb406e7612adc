// Gradient of causal attention with respect to the queries, a workgroup per 16 queries and head.
//   p_j = exp(s_j - logsumexp);   ds_j = p_j (dy . v_j - delta);   dq = sum_j ds_j k_j / sqrt(K)      over the keys j that n sees
// Buffers: see causal-attention-backward-q-thread.wgsl
// Lanes, tiles and the keys of a tile as in causal-attention-tile.wgsl. `gradients` alternates between two halves, so one
// barrier a tile is enough.
// Prelude: keys_of, sees.    Reference: causal-attention.reference.ts    Derivation: docs/maths/causal-attention-backward.md

const LANES: u32 = 64;
const QUERIES: u32 = 16;
const KEYS: u32 = 32;

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

// ds of four queries of a group a vector, [half][key][group].
var<workgroup> gradients: array<vec4f, 2u * KEYS * 4u>;

fn store(query: u32, head: u32, column: u32, low: vec4f, high: vec4f) {
  if (query >= params.num_tokens) { return; }
  let num_quads = HEAD_DIM / 4u;
  let to = query * (NUM_HEADS + 2u * NUM_KV_HEADS) * num_quads + head * num_quads;
  if (column < num_quads) { d_heads[to + column] = params.scale * low; }
  if (column + 16u < num_quads) { d_heads[to + column + 16u] = params.scale * high; }
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let head = group_id.x;
  let first = group_id.y * QUERIES;
  let group = lane / 16u;
  let column = lane % 16u;
  let num_quads = HEAD_DIM / 4u;
  let width = (NUM_HEADS + 2u * NUM_KV_HEADS) * num_quads;
  let k_column = (NUM_HEADS + head / (NUM_HEADS / NUM_KV_HEADS)) * num_quads;
  let v_after_k = NUM_KV_HEADS * num_quads;
  let low = k_column + min(column, num_quads - 1u);
  let high = k_column + min(column + 16u, num_quads - 1u);
  let last = params.num_tokens - 1u;
  let n = first + group * 4u + vec4u(0u, 1u, 2u, 3u);
  let q = min(n, vec4u(last)) * width + head * num_quads;
  let row = min(n, vec4u(last)) * NUM_HEADS + head;
  let g = row * num_quads;
  let row_logsumexp = vec4f(logsumexp[row.x], logsumexp[row.y], logsumexp[row.z], logsumexp[row.w]);
  let row_delta = vec4f(delta[row.x], delta[row.y], delta[row.z], delta[row.w]);
  var half = 0u;
  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
  var b0 = vec4f(); var b1 = vec4f(); var b2 = vec4f(); var b3 = vec4f();
  for (var part = 0u; part < 2u; part++) {
    var start = 0xffffffffu;
    var end = 0u;
    for (var i = 0u; i < QUERIES; i++) {
      let range = keys_of(first + i, part);
      start = min(start, range.x);
      end = max(end, range.y);
    }
    let r0 = keys_of(n.x, part); let r1 = keys_of(n.y, part); let r2 = keys_of(n.z, part); let r3 = keys_of(n.w, part);
    let seen_from = vec4u(r0.x, r1.x, r2.x, r3.x);
    let seen_end = vec4u(r0.y, r1.y, r2.y, r3.y);
    for (var key = start; key < end; key += KEYS) {
      let keys = key + vec2u(column, column + 16u);
      let k = min(keys, vec2u(last)) * width + k_column;
      var s = vec4f();
      var t = vec4f();
      var ds = vec4f();
      var dt = vec4f();
      for (var d = 0u; d < num_quads; d++) {
        let q0 = heads[q.x + d]; let q1 = heads[q.y + d]; let q2 = heads[q.z + d]; let q3 = heads[q.w + d];
        let x0 = heads[k.x + d]; let x1 = heads[k.y + d];
        s += vec4f(dot(q0, x0), dot(q1, x0), dot(q2, x0), dot(q3, x0));
        t += vec4f(dot(q0, x1), dot(q1, x1), dot(q2, x1), dot(q3, x1));
        let g0 = dy[g.x + d]; let g1 = dy[g.y + d]; let g2 = dy[g.z + d]; let g3 = dy[g.w + d];
        let z0 = heads[k.x + v_after_k + d]; let z1 = heads[k.y + v_after_k + d];
        ds += vec4f(dot(g0, z0), dot(g1, z0), dot(g2, z0), dot(g3, z0));
        dt += vec4f(dot(g0, z1), dot(g1, z1), dot(g2, z1), dot(g3, z1));
      }
      let sees_s = sees(keys.x, seen_from, seen_end);
      let sees_t = sees(keys.y, seen_from, seen_end);
      let to = half * KEYS * 4u + column * 4u + group;
      gradients[to] = select(vec4f(), exp(s * params.scale - row_logsumexp) * (ds - row_delta), sees_s);
      gradients[to + 64u] = select(vec4f(), exp(t * params.scale - row_logsumexp) * (dt - row_delta), sees_t);
      workgroupBarrier();
      for (var j = 0u; j < min(KEYS, end - key); j++) {
        let w = gradients[half * KEYS * 4u + j * 4u + group];
        let x = heads[(key + j) * width + low];
        a0 += w.x * x; a1 += w.y * x; a2 += w.z * x; a3 += w.w * x;
        if (num_quads > 16u) {
          let z = heads[(key + j) * width + high];
          b0 += w.x * z; b1 += w.y * z; b2 += w.z * z; b3 += w.w * z;
        }
      }
      half = 1u - half;
    }
  }
  store(n.x, head, column, a0, b0);
  store(n.y, head, column, a1, b1);
  store(n.z, head, column, a2, b2);
  store(n.w, head, column, a3, b3);
}
