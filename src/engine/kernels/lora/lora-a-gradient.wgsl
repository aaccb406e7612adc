// Gradient of an adapter's A, added.      gradients[a_offset + j * D + c] += sum_t g[t, j] * keep(t, c, part of j) * x[t, c]
// x: [T, D] f32    g: [T, R] f32    gradient of A: [R, D] f32 from a_offset on in gradients
// An output is four rows (of one part, which has `rank` rows) and four columns of A; SLICES lanes share its tokens, and
// neighbouring lanes read neighbouring columns. Rows past the part's last repeat it and are not stored.
// Prelude: dropout, add_slices.    Derivation: docs/maths/lora-backward.md    Reference: lora.reference.ts

override WORKGROUP_SIZE: u32 = 64;
override SLICES: u32;        // power of two, at most WORKGROUP_SIZE
override HAS_DROPOUT: u32;

struct Params {
  num_tokens: u32, columns: u32, num_rows: u32, rank: u32, a_offset: u32,
  dropout_seed: u32, dropout_threshold: u32, keep_scale: f32,
}

@group(0) @binding(0) var<storage, read>       x: array<vec4f>;
@group(0) @binding(1) var<storage, read>       g: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradients: array<vec4f>;
@group(0) @binding(3) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let outputs = WORKGROUP_SIZE / SLICES;
  let slice = lane / outputs;
  let output = (group_id.x + group_id.y * 32768u) * outputs + lane % outputs;
  let quads = params.columns / 4u;
  let quad = output % quads;
  let row_block = output / quads;
  let part_blocks = (params.rank + 3u) / 4u;
  let part = row_block / part_blocks;
  let row = part * params.rank + (row_block % part_blocks) * 4u;
  let last_row = (part + 1u) * params.rank - 1u;
  let is_inside = row < params.num_rows;
  var sums = Sums();
  if (is_inside) {
    let key = dropout_key(part);
    let rows = min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(last_row));
    for (var t = slice; t < params.num_tokens; t += SLICES) {
      let at = t * quads + quad;
      let v = dropout(x[at], key, at * 4u);
      let i = vec4u(t * params.num_rows) + rows;
      sums.s0 += v * g[i.x];
      sums.s1 += v * g[i.y];
      sums.s2 += v * g[i.z];
      sums.s3 += v * g[i.w];
    }
  }
  sums = add_slices(sums, lane, slice, outputs);
  if (slice > 0u || !is_inside) { return; }
  let at = params.a_offset / 4u + row * quads + quad;
  gradients[at] += sums.s0;
  if (row + 1u <= last_row) { gradients[at + quads] += sums.s1; }
  if (row + 2u <= last_row) { gradients[at + 2u * quads] += sums.s2; }
  if (row + 3u <= last_row) { gradients[at + 3u * quads] += sums.s3; }
}
