// rho(q, loc) / sqrt(K) of one head.   Uses: qkv, rope, HEAD_DIM, params.scale.

// Four neighbouring dimensions of the query, rotated; they lie in the same half of the head.
fn rotated(qkv_start: u32, angles: u32, quad: u32) -> vec4f {
  let half = HEAD_DIM / 8u;
  let i = quad % half;
  let a0 = rope[angles + i * 4u];
  let a1 = rope[angles + i * 4u + 1u];
  let a2 = rope[angles + i * 4u + 2u];
  let a3 = rope[angles + i * 4u + 3u];
  let cosines = vec4f(a0.x, a1.x, a2.x, a3.x);
  let sines = vec4f(a0.y, a1.y, a2.y, a3.y);
  let low = qkv[qkv_start + i];
  let high = qkv[qkv_start + i + half];
  return params.scale * select(low * cosines - high * sines, high * cosines + low * sines, quad >= half);
}
