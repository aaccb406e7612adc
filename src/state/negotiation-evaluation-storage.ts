/**
 * The last evaluation of negotiations, kept over a reload: its head, and every piece by itself as soon as it is complete.
 * In IndexedDB, since dialogues with their tokens can be many megabytes.
 */
import { openDB, type IDBPDatabase } from 'idb';
import { assertNever } from '@/lib/assert.ts';
import type { EvaluationPiece, NegotiationEvaluationSummary } from '@/protocol/negotiation-evaluation.ts';
import {
  NO_EVALUATION_SUMMARY,
  type KeptNegotiationEvaluation,
  type NegotiationEvaluationHead,
} from './negotiation-evaluation-view.ts';
import { readKeptEvaluation } from './read-negotiation-evaluation.ts';

const DATABASE = 'duet-negotiation-evaluations';
/** Holds head and summary. */
const LAST = 'last';
/** By what tells a piece from the others: one that comes twice takes its own place. */
const PIECES = 'pieces';

/** Storage that is full or forbidden is no error: the page works on, it only forgets. */
async function attempt(work: (database: IDBPDatabase) => Promise<unknown>): Promise<void> {
  try {
    const database = await openDB(DATABASE, 1, {
      upgrade(fresh) {
        fresh.createObjectStore(LAST);
        fresh.createObjectStore(PIECES);
      },
    });
    try {
      await work(database);
    } finally {
      database.close();
    }
  } catch {
    // As above.
  }
}

/** Forgets the one before. */
export function keepNewNegotiationEvaluation(head: NegotiationEvaluationHead): Promise<void> {
  return attempt(async (database) => {
    const change = database.transaction([LAST, PIECES], 'readwrite');
    await change.objectStore(PIECES).clear();
    await change.objectStore(LAST).put(NO_EVALUATION_SUMMARY, 'summary');
    await change.objectStore(LAST).put(head, 'head');
    await change.done;
  });
}

/** @param summary  as it is with this piece */
export function keepEvaluationPiece(piece: EvaluationPiece, summary: NegotiationEvaluationSummary): Promise<void> {
  return attempt(async (database) => {
    const change = database.transaction([LAST, PIECES], 'readwrite');
    await change.objectStore(PIECES).put(piece, pieceKey(piece));
    await change.objectStore(LAST).put(summary, 'summary');
    await change.done;
  });
}

/** Null where there is none, or none that this page can read. */
export async function findNegotiationEvaluation(): Promise<KeptNegotiationEvaluation | null> {
  let found: KeptNegotiationEvaluation | null = null;
  await attempt(async (database) => {
    const head: unknown = await database.get(LAST, 'head');
    const summary: unknown = await database.get(LAST, 'summary');
    if (head !== undefined) found = readKeptEvaluation({ head, summary, pieces: await database.getAll(PIECES) });
  });
  return found;
}

/** What tells it from the other pieces of its evaluation. */
export function pieceKey(piece: EvaluationPiece): IDBValidKey {
  switch (piece.kind) {
    case 'dialogue':
      return [piece.kind, piece.contestant, piece.set, piece.decoding, piece.repetition, piece.dilemmaId];
    case 'pairwise': {
      const { kind, left, right, aspect, set, decoding, repetition, dilemmaId } = piece;
      return [kind, left, right, aspect, set, decoding, repetition, dilemmaId];
    }
    case 'ability':
      return [piece.kind, piece.contestant, piece.set, piece.itemId];
    case 'perplexity':
      return [piece.kind, piece.contestant];
    default:
      return assertNever(piece);
  }
}
