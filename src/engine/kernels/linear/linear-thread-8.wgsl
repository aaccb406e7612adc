// Linear layer for many tokens, a thread per eight output rows and TOKENS tokens.   y[t, r] = sum_c w[r, c] * x[t, c]
// values, scales: weights in tiles of four rows (layout in the prelude)    x: [T, D] f32    y: [T, y_stride] f32
// Register blocking without shared memory: an unpacked weight serves all tokens of the thread. Four columns at a time,
// so that few weights are alive at once: longer bodies of the loop were slower on software adapters.
// Tokens past the last repeat it and are not stored.
// Prelude: apply, dot_quad, load_quad, load_affine, finish.    Reference: linear.reference.ts

override WORKGROUP_SIZE: u32 = 16;
override TOKENS: u32 = 8;   // 4 or 8
override COLUMNS: u32;
override WORDS_PER_GROUP: u32;

struct Params { num_tile_pairs: u32, num_tokens: u32, y_stride: u32, y_offset: u32 }

@group(0) @binding(0) var<storage, read>       values: array<vec4u>;
@group(0) @binding(1) var<storage, read>       scales: array<vec4u>;
@group(0) @binding(2) var<storage, read>       x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<uniform>             params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let tile_pair = id.x;
  if (tile_pair >= params.num_tile_pairs) { return; }
  let tile = tile_pair * 2u;
  let first = id.y * TOKENS;
  let last = params.num_tokens - 1u;
  let row = COLUMNS / 4u;
  let r0 = first * row;
  let r1 = min(first + 1u, last) * row;
  let r2 = min(first + 2u, last) * row;
  let r3 = min(first + 3u, last) * row;
  let r4 = min(first + 4u, last) * row;
  let r5 = min(first + 5u, last) * row;
  let r6 = min(first + 6u, last) * row;
  let r7 = min(first + 7u, last) * row;
  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
  var a4 = vec4f(); var a5 = vec4f(); var a6 = vec4f(); var a7 = vec4f();
  var b0 = vec4f(); var b1 = vec4f(); var b2 = vec4f(); var b3 = vec4f();
  var b4 = vec4f(); var b5 = vec4f(); var b6 = vec4f(); var b7 = vec4f();
  for (var group = 0u; group < COLUMNS / 8u / WORDS_PER_GROUP; group++) {
    let affine_a = load_affine(tile, group);
    let affine_b = load_affine(tile + 1u, group);
    for (var i = 0u; i < WORDS_PER_GROUP * 2u; i++) {
      let quad = group * WORDS_PER_GROUP * 2u + i;
      let a = apply(load_quad(tile, quad), affine_a);
      let b = apply(load_quad(tile + 1u, quad), affine_b);
      var p = x[r0 + quad]; a0 += dot_quad(a, p); b0 += dot_quad(b, p);
      p = x[r1 + quad]; a1 += dot_quad(a, p); b1 += dot_quad(b, p);
      p = x[r2 + quad]; a2 += dot_quad(a, p); b2 += dot_quad(b, p);
      p = x[r3 + quad]; a3 += dot_quad(a, p); b3 += dot_quad(b, p);
      if (TOKENS > 4u) {
        p = x[r4 + quad]; a4 += dot_quad(a, p); b4 += dot_quad(b, p);
        p = x[r5 + quad]; a5 += dot_quad(a, p); b5 += dot_quad(b, p);
        p = x[r6 + quad]; a6 += dot_quad(a, p); b6 += dot_quad(b, p);
        p = x[r7 + quad]; a7 += dot_quad(a, p); b7 += dot_quad(b, p);
      }
    }
  }
  finish(first, tile_pair, a0, b0);
  if (first + 1u <= last) { finish(first + 1u, tile_pair, a1, b1); }
  if (first + 2u <= last) { finish(first + 2u, tile_pair, a2, b2); }
  if (first + 3u <= last) { finish(first + 3u, tile_pair, a3, b3); }
  if (TOKENS == 4u) { return; }
  if (first + 4u <= last) { finish(first + 4u, tile_pair, a4, b4); }
  if (first + 5u <= last) { finish(first + 5u, tile_pair, a5, b5); }
  if (first + 6u <= last) { finish(first + 6u, tile_pair, a6, b6); }
  if (first + 7u <= last) { finish(first + 7u, tile_pair, a7, b7); }
}
