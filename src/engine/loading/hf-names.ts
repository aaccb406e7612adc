/** Names of weights: Hugging Face's (also those of MLC's parameters) and GGUF's. */

const MODEL_NAMES: readonly (readonly [hf: string, gguf: string])[] = [
  ['model.embed_tokens', 'token_embd'],
  ['model.norm', 'output_norm'],
  ['lm_head', 'output'],
];

/** Inside a layer: `model.layers.N.` and `blk.N.` go in front. */
const LAYER_NAMES: readonly (readonly [hf: string, gguf: string])[] = [
  ['input_layernorm', 'attn_norm'],
  ['self_attn.q_proj', 'attn_q'],
  ['self_attn.k_proj', 'attn_k'],
  ['self_attn.v_proj', 'attn_v'],
  ['self_attn.o_proj', 'attn_output'],
  ['self_attn.q_norm', 'attn_q_norm'],
  ['self_attn.k_norm', 'attn_k_norm'],
  ['post_attention_layernorm', 'ffn_norm'],
  ['mlp.gate_proj', 'ffn_gate'],
  ['mlp.up_proj', 'ffn_up'],
  ['mlp.down_proj', 'ffn_down'],
];

const toGguf = new Map([...MODEL_NAMES, ...LAYER_NAMES]);
const toHf = new Map([...MODEL_NAMES, ...LAYER_NAMES].map(([hf, gguf]) => [gguf, hf]));

const HF_NAME = /^(?:model\.layers\.(?<layer>0|[1-9]\d*)\.)?(?<module>.+)\.(?<part>weight|bias)$/s;
const GGUF_NAME = /^(?:blk\.(?<layer>0|[1-9]\d*)\.)?(?<module>.+)\.(?<part>weight|bias)$/s;

/**
 * `model.layers.0.self_attn.q_proj.weight` -> `blk.0.attn_q.weight`.
 *
 * @returns null for a name that no weight of the supported architectures has
 */
export function ggufNameOf(hfName: string): string | null {
  return translate(hfName, HF_NAME, toGguf, 'blk.');
}

/** The other way round; a name that is none of GGUF's stays as it is. */
export function hfNameOf(ggufName: string): string {
  return translate(ggufName, GGUF_NAME, toHf, 'model.layers.') ?? ggufName;
}

function translate(name: string, pattern: RegExp, table: ReadonlyMap<string, string>, prefix: string): string | null {
  const { layer, module = '', part } = pattern.exec(name)?.groups ?? {};
  const translated = table.get(module);
  if (translated === undefined) return null;
  const isOfModel = MODEL_NAMES.some((names) => names.includes(module));
  if (isOfModel !== (layer === undefined)) return null;
  return `${layer === undefined ? '' : `${prefix}${layer}.`}${translated}.${part}`;
}
