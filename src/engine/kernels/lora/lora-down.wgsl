// Into an adapter's rank.      a[t, j] = scale_t * sum_c A[j, c] * keep(t, c, part of j) * x[t, c]
// x: [T, D] f32    A: [R, D] f32 from a_offset on in parameters    a: [T, R] f32    scales: f32 bits in the table
// An output is four rows of A (of one part, which has `rank` rows) for TOKENS tokens; SLICES lanes share its columns.
// Rows past the part's last and tokens past the last repeat it and are not stored. A token of scale 0 gets zeros
// whatever A holds, and blocks of such tokens read nothing.
// Prelude: dropout, add_slices.    Reference: lora.reference.ts

override WORKGROUP_SIZE: u32 = 64;
override SLICES: u32;        // power of two, at most WORKGROUP_SIZE
override TOKENS: u32;        // 1, 2 or 4
override HAS_DROPOUT: u32;

struct Params {
  num_tokens: u32, columns: u32, num_rows: u32, rank: u32, a_offset: u32,
  dropout_seed: u32, dropout_threshold: u32, keep_scale: f32, scales_at: u32,
}

@group(0) @binding(0) var<storage, read>       x: array<vec4f>;
@group(0) @binding(1) var<storage, read>       parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read>       table: array<u32>;
@group(0) @binding(3) var<storage, read_write> a: array<f32>;
@group(0) @binding(4) var<uniform>             params: Params;

fn finish(token: u32, row: u32, last_row: u32, scale: f32, sum: vec4f) {
  var scaled = vec4f();
  if (scale != 0.0) { scaled = scale * sum; }
  let at = token * params.num_rows + row;
  a[at] = scaled.x;
  if (row + 1u <= last_row) { a[at + 1u] = scaled.y; }
  if (row + 2u <= last_row) { a[at + 2u] = scaled.z; }
  if (row + 3u <= last_row) { a[at + 3u] = scaled.w; }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let slice = lane % SLICES;
  let group = group_id.x + group_id.y * 32768u;
  let output = group * (WORKGROUP_SIZE / SLICES) + lane / SLICES;
  let part_blocks = (params.rank + 3u) / 4u;
  let num_blocks = part_blocks * (params.num_rows / params.rank);
  let row_block = output % num_blocks;
  let first = output / num_blocks * TOKENS;
  let last = params.num_tokens - 1u;
  let part = row_block / part_blocks;
  let row = part * params.rank + (row_block % part_blocks) * 4u;
  let last_row = (part + 1u) * params.rank - 1u;
  let t1 = min(first + 1u, last);
  let t2 = min(first + 2u, last);
  let t3 = min(first + 3u, last);
  var scales = vec4f();
  if (first <= last) {
    scales = vec4f(
      bitcast<f32>(table[params.scales_at + first]), bitcast<f32>(table[params.scales_at + t1]),
      bitcast<f32>(table[params.scales_at + t2]), bitcast<f32>(table[params.scales_at + t3]));
  }
  var sums = Sums();
  if (any(scales != vec4f())) {
    let quads = params.columns / 4u;
    let key = dropout_key(part);
    let w0 = params.a_offset / 4u + row * quads;
    let w1 = params.a_offset / 4u + min(row + 1u, last_row) * quads;
    let w2 = params.a_offset / 4u + min(row + 2u, last_row) * quads;
    let w3 = params.a_offset / 4u + min(row + 3u, last_row) * quads;
    for (var c = slice; c < quads; c += SLICES) {
      let p = parameters[w0 + c];
      let q = parameters[w1 + c];
      let r = parameters[w2 + c];
      let s = parameters[w3 + c];
      var at = first * quads + c;
      var v = dropout(x[at], key, at * 4u);
      sums.s0 += vec4f(dot(p, v), dot(q, v), dot(r, v), dot(s, v));
      if (TOKENS > 1u) {
        at = t1 * quads + c;
        v = dropout(x[at], key, at * 4u);
        sums.s1 += vec4f(dot(p, v), dot(q, v), dot(r, v), dot(s, v));
      }
      if (TOKENS > 2u) {
        at = t2 * quads + c;
        v = dropout(x[at], key, at * 4u);
        sums.s2 += vec4f(dot(p, v), dot(q, v), dot(r, v), dot(s, v));
        at = t3 * quads + c;
        v = dropout(x[at], key, at * 4u);
        sums.s3 += vec4f(dot(p, v), dot(q, v), dot(r, v), dot(s, v));
      }
    }
  }
  sums = add_slices(sums, lane, slice, 1u);
  if (slice > 0u || first > last) { return; }
  finish(first, row, last_row, scales.x, sums.s0);
  if (TOKENS > 1u && first + 1u <= last) { finish(t1, row, last_row, scales.y, sums.s1); }
  if (TOKENS > 2u && first + 2u <= last) { finish(t2, row, last_row, scales.z, sums.s2); }
  if (TOKENS > 2u && first + 3u <= last) { finish(t3, row, last_row, scales.w, sums.s3); }
}
