/**
 * Failure codes that may cross the worker's boundary, each with the remedy that the page shows.
 * Classes that carry a code live in the folder that throws them; the boundary sends `{ code, message, details }`.
 */
export const FAILURES = {
  noWebGpu: 'Open the page in a browser with WebGPU (Chrome or Edge 113+, Safari 26+, Firefox 141+ on Windows).',
  noAdapter: 'Switch on hardware acceleration in the browser, or start it with the flags that the README lists.',
  deviceLost: 'The GPU device was lost. Load the model again; close other GPU-heavy tabs if it happens once more.',
  gpuError:
    'The GPU reported an error, so the results of this run cannot be trusted. Load the model again and report it.',
  doesNotFit: 'Take one of the settings that would fit, or a smaller model, a smaller rank or shorter texts.',
  outOfMemory: 'Choose a shorter context or a smaller model, or close other tabs that use the GPU.',
  limitTooSmall:
    'This adapter cannot hold a buffer of the needed size. Choose a shorter context, or a smaller model or quantisation.',
  invalidFile:
    'This is not a model that Duet can read. Check that it is complete: a GGUF file, or all files of a folder.',
  unsupportedModel: 'Choose a model of the llama, qwen2 or qwen3 architecture in one of the listed tensor types.',
  invalidAdapter:
    'The file is not an adapter or checkpoint that Duet can read for this model. Export it again, or choose another.',
  storageFailed:
    'The storage of the browser did not take or give back a file. Free disk space, close other tabs of Duet and try again.',
  downloadFailed: 'Check the address and the network connection, then try again.',
  endpointFailed:
    'Of a server, check address, model name and key, and whether it lets this page call it (CORS). Then try again.',
  integrityFailed: 'The file is damaged. Download or copy it again; a copy that Duet kept was deleted.',
  noModel: 'Load a model first.',
  contextFull: 'The context is full. Reset the run, or load the model with a longer context.',
  noAttachedAdapter: 'Create an adapter, or attach one of the list.',
  trainingDiverged:
    'The step was not made and the adapter is as before. Lower the learning rate, or go back to an earlier adapter.',
  invalidConfig: 'Correct the named field and try again.',
  cancelled: 'The operation was cancelled.',
  busy: 'Another operation is running on the engine. Stop it or wait until it has finished.',
  internal: 'This is a defect in Duet. Please report it with the message.',
} as const;

export type FailureCode = keyof typeof FAILURES;

/** Whether the product knows the code: what comes from a file or another thread may have any. */
export function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(FAILURES, code);
}

/** How an error looks while it crosses the boundary. */
export interface FailureMessage {
  readonly code: FailureCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}
