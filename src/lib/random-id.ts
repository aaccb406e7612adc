const NUM_BYTES = 16;

/**
 * An id that no other one has: 32 hexadecimal digits. `crypto.randomUUID` would do as well, but only in secure contexts:
 * a page that is opened over http from another machine has none.
 */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(NUM_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
