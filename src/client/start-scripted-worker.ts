/** Starts the scripted engine. A module of its own, so that only builds of mode `e2e` contain it. */
export function startScriptedWorker(): Worker {
  // The script reads the state to play from its own name.
  return new Worker(new URL('../worker/scripted-worker.ts', import.meta.url), {
    type: 'module',
    name: location.search,
  });
}
