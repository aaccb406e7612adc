import { checkTemplateText, type TemplateId } from '@/protocol/negotiation/templates.ts';
import { isOutdated, type TemplateEdit, type TemplateVersion } from '@/state/material-templates.ts';
import { useAppState } from '@/state/use-app-state.ts';
import type { Outcome } from '../outcome-line.tsx';
import { templateOf } from './template-groups.ts';

export interface EditedTemplate {
  readonly edit: TemplateEdit | undefined;
  /** As it is written now. */
  readonly text: string;
  readonly faults: readonly string[];
  readonly isChanged: boolean;
  readonly isEdited: boolean;
  /** Ours was renewed since. */
  readonly isOutdated: boolean;
  /** What keeps the saved text from being used; ours is in its place then. */
  readonly savedFaults: readonly string[];
  readonly write: (text: string) => void;
  readonly save: () => void;
  readonly discard: () => void;
  readonly restoreOurs: () => void;
  readonly takeEarlier: (version: TemplateVersion) => void;
}

/** A template as it is in use and as it is written. */
export function useTemplate(id: TemplateId, report: (outcome: Outcome | null) => void): EditedTemplate {
  const edit = useAppState((state) => state.templateEdits[id]);
  const draft = useAppState((state) => state.templateDrafts[id]);
  const draftChanged = useAppState((state) => state.templateDraftChanged);
  const saved = useAppState((state) => state.templateSaved);
  const restored = useAppState((state) => state.templateRestored);
  const putBack = useAppState((state) => state.templatePutBack);
  const ours = templateOf(id);
  const current = edit?.current ?? null;
  const kept = current?.text ?? ours.text;
  const text = draft ?? kept;
  const isOld = current !== null && isOutdated(id, current);
  const undo = (): void => {
    putBack(id, edit);
    draftChanged(id, draft);
  };
  const take = (next: string): void => {
    saved(id, { text: next, ourVersion: ours.version, savedAt: new Date().toISOString() });
    draftChanged(id, undefined);
  };
  return {
    edit,
    text,
    faults: checkTemplateText(id, text),
    isChanged: text !== kept,
    isEdited: current !== null,
    isOutdated: isOld,
    savedFaults: current === null ? [] : checkTemplateText(id, current.text),
    write: (next) => {
      report(null);
      draftChanged(id, next === kept ? undefined : next);
    },
    save: () => {
      take(text);
      report({ text: 'Saved. The next group is made with it.', undo });
    },
    discard: () => {
      draftChanged(id, undefined);
      report({ text: 'The changes were discarded.', undo: () => draftChanged(id, draft) });
    },
    restoreOurs: () => {
      restored(id);
      draftChanged(id, undefined);
      report({ text: 'Ours is in use again. Your text is among the earlier versions.', undo });
    },
    takeEarlier: (version) => {
      take(version.text);
      report({ text: 'The earlier version is in use again.', undo });
    },
  };
}
