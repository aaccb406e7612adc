// Mean of the attention weights over heads, of one layer, or summed up over the layers to their mean.
//   by layer: y[l, j] = 1/H sum_h w_{l, h, j}        otherwise: y[j] = 1/(H L) sum_{l, h} w_{l, h, j}
// weights: [readers, H, MAX_KEYS] of this layer    y: at the reader's offset [L, keys] or [keys]
// table: readers as in attention-readout.wgsl
// One thread per key and reader. Layers are added in their order, one dispatch each.
// Reference: attention-readout.reference.ts

const READER_WORDS: u32 = 8;

override NUM_HEADS: u32;
override NUM_LAYERS: u32;
override MAX_KEYS: u32;
override WORKGROUP_SIZE: u32;

struct Params { readers_at: u32, layer: u32 }

@group(0) @binding(0) var<storage, read>       weights: array<f32>;
@group(0) @binding(1) var<storage, read>       table: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let reader = params.readers_at + id.y * READER_WORDS;
  let num_keys = table[reader + 3u];
  let key = id.x;
  if (key >= num_keys) { return; }
  var mean = 0.0;
  for (var head = 0u; head < NUM_HEADS; head++) { mean += weights[(id.y * NUM_HEADS + head) * MAX_KEYS + key]; }
  mean /= f32(NUM_HEADS);
  let keys_at = table[reader + 2u] + key;
  if (table[reader + 6u] == 1u) {
    y[keys_at + params.layer * num_keys] = mean;
    return;
  }
  mean /= f32(NUM_LAYERS);
  if (params.layer > 0u) { mean += y[keys_at]; }
  y[keys_at] = mean;
}
