/** Recordings that come with the page, named in a link by their file: they need no room in it. */
import { RECORDINGS } from '@/client/shipped-files.ts';
import { assertNever } from '@/lib/assert.ts';
import { readRun } from '@/protocol/recording-schema.ts';
import type { SharedReplay } from '@/protocol/shared-content.ts';
import { readTrainingRecording } from '@/state/read-training-recording.ts';
import { isRecording } from '@/state/run-items.ts';
import { readNegotiationRecordingFile } from '@/state/read-negotiation-recording.ts';

/** The same recording by its file's name, if it is one of the page's own. */
export async function asShipped(replay: SharedReplay): Promise<SharedReplay> {
  const panel = replay.of === 'group' ? 'negotiation' : replay.of;
  const made = madeOf(replay);
  if (panel === 'shipped' || made === null) return replay;
  for (const { file, name } of await RECORDINGS[panel].list()) {
    if (name !== made.name) continue;
    // Two may have one name: what was recorded when settles it.
    const shipped = await fetchShipped({ of: 'shipped', panel, file }).catch(() => null);
    if (shipped !== null && madeOf(shipped)?.createdAt === made.createdAt) return { of: 'shipped', panel, file };
  }
  return replay;
}

function madeOf(replay: SharedReplay): { readonly name: string; readonly createdAt: string } | null {
  switch (replay.of) {
    case 'thinking':
      return isRecording(replay.run) ? replay.run.recording : null;
    case 'negotiation':
    case 'training':
      return replay.recording;
    case 'group':
    case 'shipped':
      return null;
    default:
      return assertNever(replay);
  }
}

/**
 * The recording itself in the place of its name.
 *
 * @throws {Failure} 'downloadFailed' where this page has no such recording, 'invalidConfig' where the file is none
 */
export async function fetchShipped({
  panel,
  file,
}: Extract<SharedReplay, { of: 'shipped' }>): Promise<Exclude<SharedReplay, { of: 'shipped' }>> {
  const text = await RECORDINGS[panel].text(file);
  switch (panel) {
    case 'thinking':
      return { of: panel, run: readRun(text) };
    case 'negotiation':
      return { of: panel, recording: readNegotiationRecordingFile(text) };
    case 'training':
      return { of: panel, recording: readTrainingRecording(text) };
    default:
      return assertNever(panel);
  }
}
