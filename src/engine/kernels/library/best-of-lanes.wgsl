// Candidates in the total order (value down, id up), and the best of a workgroup's lanes.
// Uses: LANES (a power of two), best_values, best_ids: one entry a lane.

fn is_better(value: f32, id: u32, than_value: f32, than_id: u32) -> bool {
  return value > than_value || (value == than_value && id < than_id);
}

// Leaves the best of all lanes in entry 0. All lanes must call it.
fn find_best(lane: u32, value: f32, id: u32) {
  best_values[lane] = value;
  best_ids[lane] = id;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (lane < half && is_better(best_values[lane + half], best_ids[lane + half], best_values[lane], best_ids[lane])) {
      best_values[lane] = best_values[lane + half];
      best_ids[lane] = best_ids[lane + half];
    }
    workgroupBarrier();
  }
}
