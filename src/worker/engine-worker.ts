/** Entry of the engine's thread. */
import '@/lib/dispose-polyfill.ts';
import { expose } from 'comlink';
import { createTuningStore } from '@/engine/loading/tuning-store.ts';
import { registerFailureTransfer } from '@/lib/stream.ts';
import { Engine } from './engine.ts';

registerFailureTransfer();
expose(new Engine(createTuningStore()));
