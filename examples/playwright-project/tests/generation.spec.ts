import { expect, test } from 'duet/playwright';

test('greedy generation gives the tokens that it gave before', async ({ duet }) => {
  const messages = [{ role: 'user', content: 'What is the capital of France?' }] as const;
  await expect(duet).toGenerateTokens({ messages }, [504, 3575, 282, 4649, 314]);
});

test('a call that is refused says which field is wrong', async ({ duet }) => {
  const call = duet.generate({ tokenIds: [1], maxNewTokens: 4, temperature: -1 });
  await expect(call).toFailWith('invalidConfig', { message: 'temperature' });
});

test('a call ends when its signal is aborted', async ({ duet }) => {
  const abort = new AbortController();
  const call = duet.generate({
    tokenIds: [1],
    maxNewTokens: 500,
    signal: abort.signal,
    onToken: () => abort.abort(),
  });
  await expect(call).toFailWith('cancelled');
});

test('a failing expectation says where, what instead, and by how much', async ({ duet }) => {
  const request = { messages: [{ role: 'user', content: 'What is the capital of France?' }] } as const;
  const expectation = expect(duet).toGenerateTokens(request, [504, 1]);
  await expect(expectation).rejects.toThrow(
    /Token 1 is not, on .+ \(software\)[^]+received {2}" capital" \(token 3575, top-2 margin/,
  );
});
