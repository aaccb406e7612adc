/** `window.duet.scenario`: scenarios, their outcomes and baselines. Documented in docs/scenarios.md. */
import type { Judgement, ScenarioBaseline, ScenarioDifference, ScenarioOutcome } from '@/protocol/scenario/outcome.ts';
import type { Scenario } from '@/protocol/scenario/scenario.ts';
import type { ScenarioPage } from '@/protocol/scenario/scenario-page.ts';
import type { ScenarioEngine } from './scenario/panel-run.ts';
import type { LoadedModels } from './scenario/loaded-models.ts';
import type { ScenarioRunOptions } from './scenario/run-scenario.ts';

export interface ScenarioDuet {
  /**
   * Reads a scenario, as the text of its file or parsed already.
   *
   * @throws {Failure} 'invalidConfig'; `details.field` names the first field at fault
   */
  check(scenario: unknown): Promise<Scenario>;
  /** Does what the scenario says. A failure of the run is part of the outcome. @throws {Failure} as `check`; 'cancelled' */
  run(scenario: unknown, options?: ScenarioRunOptions): Promise<ScenarioOutcome>;
  /** Each expectation, met or not, with what was expected and found. */
  judge(scenario: unknown, outcome: ScenarioOutcome): Promise<Judgement[]>;
  /** What is kept of an outcome for later comparisons. */
  baselineOf(outcome: ScenarioOutcome): Promise<ScenarioBaseline>;
  /** The first difference, explained; null where there is none. @throws {Failure} 'invalidConfig' if a trace is none */
  compare(outcome: ScenarioOutcome, baseline: ScenarioBaseline): Promise<ScenarioDifference | null>;
  /** Shows in its panel what came of it, as far as it is a run of Thinking or a group. */
  show(outcome: ScenarioOutcome): Promise<void>;
}

/** The code is fetched when it is first wanted. */
export function createScenarioDuet(engine: ScenarioEngine, page: ScenarioPage): ScenarioDuet {
  let loaded: LoadedModels | undefined;
  const check = async (scenario: unknown): Promise<Scenario> => {
    const { checkScenario, readScenario } = await import('@/protocol/scenario/check-scenario.ts');
    return typeof scenario === 'string' ? readScenario(scenario) : checkScenario(scenario);
  };
  const textOf = (tokenId: number): Promise<string | null> => engine.detokenize([tokenId]).catch(() => null);
  return {
    check,
    async run(scenario, options) {
      const checked = await check(scenario);
      const { LoadedModels: Models } = await import('./scenario/loaded-models.ts');
      const { runScenario } = await import('./scenario/run-scenario.ts');
      loaded ??= new Models(() => page.loadedModel());
      return runScenario(engine, loaded, checked, options);
    },
    async judge(scenario, outcome) {
      const checked = await check(scenario);
      const { judgeOutcome } = await import('./scenario/judge-outcome.ts');
      return judgeOutcome(checked, outcome, textOf);
    },
    async baselineOf(outcome) {
      const { baselineOf } = await import('./scenario/baseline-of.ts');
      return baselineOf(outcome);
    },
    async compare(outcome, baseline) {
      const { compareOutcomes } = await import('./scenario/compare-outcomes.ts');
      return compareOutcomes(outcome, baseline, { compareRuns: (a, b) => engine.compareRuns(a, b), textOf });
    },
    async show(outcome) {
      page.showOutcome(outcome);
    },
  };
}
