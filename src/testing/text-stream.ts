/** Text of tokens as they arrive, over their bytes; whole characters only. */
export function createByteTextStream(tokenBytes: (tokenId: number) => Uint8Array): {
  push: (tokenId: number) => string;
  flush: () => string;
} {
  const decoder = new TextDecoder();
  return {
    push: (tokenId) => decoder.decode(tokenBytes(tokenId), { stream: true }),
    flush: () => decoder.decode(),
  };
}
