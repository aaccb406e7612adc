// Causal attention of packed rows, a workgroup per 16 queries and head: the shape where lanes are many.
//   s_j = q . k_j / sqrt(K);   y = sum_j exp(s_j - logsumexp) v_j;   logsumexp = ln sum_j exp(s_j)     over the keys j that n sees
// Buffers: see causal-attention-thread.wgsl
// 64 lanes = 4 groups of 16. A group has four queries. For a tile of 32 keys each lane takes the scores of its group's queries
// with two keys; then the lane adds up two quads of the values for the same four queries. Online softmax, two barriers a tile.
// The tile's keys are all that one of the 16 queries sees; which of them a query sees is asked key by key, so the queries of a
// tile may belong to different rows.
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
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> logsumexp: array<f32>;
@group(0) @binding(4) var<uniform>             params: Params;

// Four queries of a group a vector, [key][group].
var<workgroup> scores: array<vec4f, KEYS * 4u>;
var<workgroup> weights: array<vec4f, KEYS * 4u>;

fn store(query: u32, head: u32, column: u32, low: vec4f, high: vec4f, total: f32, running_max: f32) {
  if (query >= params.num_tokens) { return; }
  let num_quads = HEAD_DIM / 4u;
  let to = query * NUM_HEADS + head;
  if (column < num_quads) { y[to * num_quads + column] = low / total; }
  if (column + 16u < num_quads) { y[to * num_quads + column + 16u] = high / total; }
  if (column == 0u) { logsumexp[to] = running_max + log(total); }
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
  let v_column = k_column + NUM_KV_HEADS * num_quads;
  let low = v_column + min(column, num_quads - 1u);
  let high = v_column + min(column + 16u, num_quads - 1u);
  let last = params.num_tokens - 1u;
  let n = first + group * 4u + vec4u(0u, 1u, 2u, 3u);
  let q = min(n, vec4u(last)) * width + head * num_quads;
  var running_max = vec4f(-3.0e38);
  var total = vec4f();
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
      for (var d = 0u; d < num_quads; d++) {
        let q0 = heads[q.x + d]; let q1 = heads[q.y + d]; let q2 = heads[q.z + d]; let q3 = heads[q.w + d];
        let x0 = heads[k.x + d]; let x1 = heads[k.y + d];
        s += vec4f(dot(q0, x0), dot(q1, x0), dot(q2, x0), dot(q3, x0));
        t += vec4f(dot(q0, x1), dot(q1, x1), dot(q2, x1), dot(q3, x1));
      }
      let sees_s = sees(keys.x, seen_from, seen_end);
      let sees_t = sees(keys.y, seen_from, seen_end);
      s = select(vec4f(-3.0e38), s * params.scale, sees_s);
      t = select(vec4f(-3.0e38), t * params.scale, sees_t);
      scores[column * 4u + group] = s;
      scores[(column + 16u) * 4u + group] = t;
      workgroupBarrier();
      var new_max = running_max;
      for (var j = 0u; j < KEYS; j++) { new_max = max(new_max, scores[j * 4u + group]); }
      weights[column * 4u + group] = select(vec4f(), exp(s - new_max), sees_s);
      weights[(column + 16u) * 4u + group] = select(vec4f(), exp(t - new_max), sees_t);
      let correction = exp(running_max - new_max);
      running_max = new_max;
      workgroupBarrier();
      total *= correction;
      a0 *= correction.x; a1 *= correction.y; a2 *= correction.z; a3 *= correction.w;
      b0 *= correction.x; b1 *= correction.y; b2 *= correction.z; b3 *= correction.w;
      for (var j = 0u; j < min(KEYS, end - key); j++) {
        let w = weights[j * 4u + group];
        let value = (key + j) * width;
        let x = heads[value + low];
        total += w;
        a0 += w.x * x; a1 += w.y * x; a2 += w.z * x; a3 += w.w * x;
        if (num_quads > 16u) {
          let z = heads[value + high];
          b0 += w.x * z; b1 += w.y * z; b2 += w.z * z; b3 += w.w * z;
        }
      }
    }
  }
  store(n.x, head, column, a0, b0, total.x, running_max.x);
  store(n.y, head, column, a1, b1, total.y, running_max.y);
  store(n.z, head, column, a2, b2, total.z, running_max.z);
  store(n.w, head, column, a3, b3, total.w, running_max.w);
}
