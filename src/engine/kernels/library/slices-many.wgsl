// Adds the four vectors of SLICES lanes that lie `stride` lanes apart, by a tree. Complete in slice 0.
// All lanes must call it.   Uses: SLICES (a power of two), WORKGROUP_SIZE.

struct Sums { s0: vec4f, s1: vec4f, s2: vec4f, s3: vec4f }

// Four arrays: an array of structs would put all lanes into the same memory banks.
var<workgroup> partial_0: array<vec4f, WORKGROUP_SIZE>;
var<workgroup> partial_1: array<vec4f, WORKGROUP_SIZE>;
var<workgroup> partial_2: array<vec4f, WORKGROUP_SIZE>;
var<workgroup> partial_3: array<vec4f, WORKGROUP_SIZE>;

fn add_slices(sums: Sums, lane: u32, slice: u32, stride: u32) -> Sums {
  partial_0[lane] = sums.s0;
  partial_1[lane] = sums.s1;
  partial_2[lane] = sums.s2;
  partial_3[lane] = sums.s3;
  workgroupBarrier();
  for (var half = SLICES / 2u; half > 0u; half /= 2u) {
    if (slice < half) {
      let other = lane + half * stride;
      partial_0[lane] += partial_0[other];
      partial_1[lane] += partial_1[other];
      partial_2[lane] += partial_2[other];
      partial_3[lane] += partial_3[other];
    }
    workgroupBarrier();
  }
  return Sums(partial_0[lane], partial_1[lane], partial_2[lane], partial_3[lane]);
}
