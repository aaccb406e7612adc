/** Recorded negotiations that come with the page. */
import { ShippedFolder, useShipped } from '@/client/shipped-files.ts';
import type { NegotiationRecording } from '@/protocol/negotiation-recording.ts';
import { readNegotiationRecording } from '@/state/read-negotiation-recording.ts';

export interface ShippedNegotiation {
  readonly file: string;
  readonly name: string;
  readonly note: string;
}

const FOLDER = new ShippedFolder('recordings/negotiations', entryOf);

function entryOf({ name, note }: Partial<ShippedNegotiation>, file: string): ShippedNegotiation | null {
  return typeof name === 'string' && typeof note === 'string' ? { file, name, note } : null;
}

/** @throws {Failure} 'downloadFailed', or 'invalidConfig' when the file is not a recording */
export async function loadNegotiation(file: string): Promise<NegotiationRecording> {
  return readNegotiationRecording(await FOLDER.text(file));
}

export function useShippedNegotiations(): readonly ShippedNegotiation[] {
  return useShipped(FOLDER);
}
