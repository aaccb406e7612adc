// Which keys a token of packed rows sees: those of its shared prompt (part 0) and of its own row up to itself (part 1).
// Needs table and params with num_tokens and tokens_at. Token n of the table: prefix start, prefix length, own start, query end.

// First and end of a part; where it is empty, or past the last token, the first is behind every end.
fn keys_of(query: u32, part: u32) -> vec2u {
  let entry = params.tokens_at + min(query, params.num_tokens - 1u) * 4u;
  let start = table[entry + part * 2u];
  let end = select(start + table[entry + 1u], query + 1u, part == 1u);
  return select(vec2u(start, end), vec2u(0xffffffffu, 0u), query >= params.num_tokens || start == end);
}

// Four queries and one key.
fn sees(key: u32, seen_from: vec4u, seen_end: vec4u) -> vec4<bool> {
  return (vec4u(key) >= seen_from) & (vec4u(key) < seen_end);
}
