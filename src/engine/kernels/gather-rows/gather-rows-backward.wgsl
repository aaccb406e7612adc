// Gradient of picking rows: every row adds up the gradients of its picks.
//   dx[n, :] = sum of dy[e, :] over first <= e < first + count,   (first, count) = spans[n]
// dy: [E, D] f32, the picks of one row side by side    dx: [N, D] f32, zeros for a row that nothing picked
// table: u32, two words a row from spans_at on
// A thread per row and column. Derivation: docs/maths/transformer-backward.md
// Reference: gather-rows-backward.reference.ts

override WORKGROUP_SIZE: u32 = 64;
override D: u32;

struct Params { spans_at: u32 }

@group(0) @binding(0) var<storage, read>       dy: array<f32>;
@group(0) @binding(1) var<storage, read>       table: array<u32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= D) { return; }
  let first = table[params.spans_at + id.y * 2u];
  let end = first + table[params.spans_at + id.y * 2u + 1u];
  var sum = 0.0;
  for (var pick = first; pick < end; pick++) { sum += dy[pick * D + id.x]; }
  dx[id.y * D + id.x] = sum;
}
