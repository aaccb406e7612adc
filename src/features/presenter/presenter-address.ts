import { asksForPresenter, PRESENTER_PARAMS, writePageAddress, type PageAddress } from '@/lib/page-address.ts';
import { PRESENTER_PRESETS, type PresenterPreset } from '@/protocol/presenter-presets.ts';

const PATHS: Readonly<Record<PresenterPreset['page'], readonly string[]>> = {
  thinking: ['thinking'],
  dialogues: ['negotiation'],
  training: ['negotiation', 'training'],
};

function pageOf([panel, page]: PageAddress['path']): PresenterPreset['page'] | null {
  if (panel === undefined || panel === 'thinking') return 'thinking';
  if (panel !== 'negotiation') return null;
  return page === 'training' ? 'training' : 'dialogues';
}

/** Whether the address asks for the presenter view, of a panel that has one. */
export function isPresenterAddress(address: PageAddress): boolean {
  return asksForPresenter(address) && pageOf(address.path) !== null;
}

/** The preset that the address names, or the first one of its page. */
export function presetOfAddress({ path, params }: PageAddress): PresenterPreset {
  const page = pageOf(path) ?? 'thinking';
  const fitting = PRESENTER_PRESETS.filter((preset) => preset.page === page);
  const preset = fitting.find(({ id }) => id === params['preset']) ?? fitting[0];
  if (preset === undefined) throw new Error(`No preset is for the page "${page}".`);
  return preset;
}

export function addressOfPreset({ page, id }: PresenterPreset): string {
  return writePageAddress({ path: PATHS[page], params: { ...PRESENTER_PARAMS, preset: id } });
}

/** The same page in its ordinary view. */
export function addressWithoutPresenter({ path }: PageAddress): string {
  return writePageAddress({ path: path.length === 0 ? ['thinking'] : path, params: {} });
}

/** The presets of a panel: N goes round in them. */
export function presetsBeside({ page }: PresenterPreset): readonly PresenterPreset[] {
  return PRESENTER_PRESETS.filter((preset) => (preset.page === 'thinking') === (page === 'thinking'));
}

/** @param by  1 for the next one, -1 for the one before */
export function presetAfter(preset: PresenterPreset, by: 1 | -1): PresenterPreset {
  const presets = presetsBeside(preset);
  const index = presets.findIndex(({ id }) => id === preset.id);
  return presets.at((index + by) % presets.length) ?? preset;
}
