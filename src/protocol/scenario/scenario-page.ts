/** What the page does with scenarios without the engine. */
import type { ModelInfo } from '../model.ts';
import type { ScenarioOutcome } from './outcome.ts';

export interface ScenarioPage {
  /** Whoever loaded it; null without one. */
  loadedModel(): ModelInfo | null;
  /** In its panel, to its end. */
  showOutcome(outcome: ScenarioOutcome): void;
}
