// Picks single logits.      y[results_at + i] = logits[row_i, id_i]
// logits: [I, V] f32    table: pairs [row, id] from pairs_at    y: f32 bits
// A thread per pair. Reference: gather-logits.reference.ts

override WORKGROUP_SIZE: u32 = 64;

struct Params { vocab_size: u32, pairs_at: u32, num_pairs: u32, results_at: u32 }

@group(0) @binding(0) var<storage, read>       logits: array<f32>;
@group(0) @binding(1) var<storage, read>       table: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
@group(0) @binding(3) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.num_pairs) { return; }
  let pair = params.pairs_at + id.x * 2u;
  y[params.results_at + id.x] = bitcast<u32>(logits[table[pair] * params.vocab_size + table[pair + 1u]]);
}
