/**
 * `Symbol.dispose` for browsers that have WebGPU but not yet explicit resource management. Import it before anything
 * else: classes name their method by the symbol when they are evaluated.
 */
{
  const symbols = Symbol as unknown as { dispose?: symbol; asyncDispose?: symbol };
  symbols.dispose ??= Symbol.for('Symbol.dispose');
  symbols.asyncDispose ??= Symbol.for('Symbol.asyncDispose');
}
