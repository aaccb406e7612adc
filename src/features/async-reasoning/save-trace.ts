import type { ReasoningTrace } from '@/protocol/reasoning.ts';

/** Offers a run as a file in the format of the reference traces. */
export function saveTrace(trace: ReasoningTrace): void {
  const address = URL.createObjectURL(new Blob([JSON.stringify(trace)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = 'duet-trace.json';
  link.click();
  URL.revokeObjectURL(address);
}
