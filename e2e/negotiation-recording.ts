import type { JSHandle, Page } from '@playwright/test';
import type { DuetApi } from '../src/client/duet-api.ts';
import { recordingFile, type TimedRolloutEvent } from '../src/protocol/negotiation-recording.ts';

/** A group of the scripted engine as a recording, in the form of the shipped ones. */
export async function recordScripted(
  api: JSHandle<DuetApi>,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<ReturnType<typeof recordingFile>> {
  const { group, events } = await api.evaluate(async ({ negotiation }, asked) => {
    const told: TimedRolloutEvent[] = [];
    const request = { dilemma: 'friend-dull-novel', pair: 'logic-feelings', settings: asked };
    // At a pace of its own, so that it is not over before a test has looked at it.
    const record = await negotiation.rollout(request, (event) => told.push({ atMs: 200 * told.length, event }));
    return { group: record, events: told };
  }, settings);
  return recordingFile(
    {
      id: 'scripted',
      name: 'Two about a friend',
      note: 'One dialogue agrees, in the other one the verdict cannot be read.',
      createdAt: '2026-11-26T12:00:00.000Z',
      madeBy: 'a test',
      model: { id: 'scripted', name: 'Scripted', sha256: null },
      device: { vendor: 'google', architecture: 'swiftshader', isSoftware: true },
      judge: 'the model itself',
    },
    group,
    events,
  );
}

/** Serves recordings in place of the shipped ones, listed in this order. */
export async function serveRecordings(
  page: Page,
  files: Readonly<Record<string, { readonly name: string; readonly note: string }>>,
): Promise<void> {
  await page.route('**/recordings/negotiations/*', async (route) => {
    const name = new URL(route.request().url()).pathname.split('/').at(-1) ?? '';
    const index = Object.entries(files).map(([file, recording]) => ({ file, ...named(recording) }));
    await route.fulfill({ json: name === 'index.json' ? index : files[name] });
  });
}

const named = ({ name, note }: { readonly name: string; readonly note: string }): { name: string; note: string } => ({
  name,
  note,
});
