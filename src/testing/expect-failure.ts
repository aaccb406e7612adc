import { expect } from 'vitest';
import { Failure } from '@/lib/failure.ts';

/** A failure with this code whose message holds all parts. */
export async function expectFailure(
  attempt: Promise<unknown>,
  code: string,
  ...parts: readonly string[]
): Promise<void> {
  const error: unknown = await attempt.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Failure);
  expect(error).toHaveProperty('code', code);
  for (const part of parts) expect(error).toHaveProperty('message', expect.stringContaining(part));
}
