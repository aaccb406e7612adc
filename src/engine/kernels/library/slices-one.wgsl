// A lane that sums alone: its four vectors are complete.
// Uses: SLICES, which is 1.

struct Sums { s0: vec4f, s1: vec4f, s2: vec4f, s3: vec4f }

fn add_slices(sums: Sums, lane: u32, slice: u32, stride: u32) -> Sums {
  return sums;
}
