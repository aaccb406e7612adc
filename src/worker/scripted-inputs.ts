import type { Draft, ReasoningSettings } from '@/protocol/reasoning.ts';

/** What the page has handed to the scripted run. */
export class ScriptedInputs {
  draft: Draft = { text: '', sent: false };
  isPaused = false;
  settings: ReasoningSettings;
  readonly #remarks: string[] = [];

  constructor(settings: ReasoningSettings) {
    this.settings = settings;
  }

  remark(text: string): void {
    this.#remarks.push(text);
  }

  takeRemarks(): string[] {
    return this.#remarks.splice(0);
  }
}
