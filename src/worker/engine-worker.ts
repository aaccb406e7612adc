/** Entry of the engine's thread. */
import '@/lib/dispose-polyfill.ts';
import { expose } from 'comlink';
import { openMeasurements } from '@/engine/loading/tuning-store.ts';
import { registerFailureTransfer } from '@/lib/stream.ts';
import { Engine } from './engine.ts';
import { openTrainingStores } from './training/open-stores.ts';

registerFailureTransfer();
expose(new Engine(openMeasurements(), openTrainingStores));
