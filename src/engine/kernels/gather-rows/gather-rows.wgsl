// Picks rows.      y[i, :] = x[rows[rows_at + i], :]
// x: [T, D] f32    y: [I, D] f32    rows: u32 in the step table
// A thread per row and column. Reference: gather-rows.reference.ts

override WORKGROUP_SIZE: u32 = 64;
override D: u32;

struct Params { rows_at: u32 }

@group(0) @binding(0) var<storage, read>       x: array<f32>;
@group(0) @binding(1) var<storage, read>       table: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= D) { return; }
  y[id.y * D + id.x] = x[table[params.rows_at + id.y] * D + id.x];
}
