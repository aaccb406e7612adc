/** The last complete comparison of two judges, kept over a reload. Texts of answers can be long: not for `localStorage`. */
import { openDB, type IDBPDatabase } from 'idb';
import type { JudgeCalibrationView, KeptJudgeCalibration } from './judge-calibration-slice.ts';

const DATABASE = 'duet-judges';
const STORE = 'calibrations';
const LAST = 'last';
const FORMAT = 'duet-judges-1';

function open(): Promise<IDBPDatabase> {
  return openDB(DATABASE, 1, { upgrade: (database) => void database.createObjectStore(STORE) });
}

/** Storage that is full or forbidden is no error: the page works on, it only forgets. */
export async function keepJudgeCalibration({
  judges,
  answers,
  verdicts,
  agreement,
}: JudgeCalibrationView): Promise<void> {
  try {
    const database = await open();
    await database.put(STORE, { format: FORMAT, judges, answers, verdicts, agreement }, LAST);
    database.close();
  } catch {
    // As above.
  }
}

/** Null where there is none, or none that this page can read. */
export async function findJudgeCalibration(): Promise<KeptJudgeCalibration | null> {
  try {
    const database = await open();
    const found: unknown = await database.get(STORE, LAST);
    database.close();
    return isKept(found) ? found : null;
  } catch {
    return null;
  }
}

function isKept(value: unknown): value is KeptJudgeCalibration {
  if (typeof value !== 'object' || value === null) return false;
  const { format, judges, answers, verdicts } = value as Partial<KeptJudgeCalibration> & { readonly format?: unknown };
  return format === FORMAT && Array.isArray(judges) && Array.isArray(answers) && Array.isArray(verdicts);
}
