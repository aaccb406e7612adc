/**
 * What a training step on negotiations costs, phase by phase, in one run: seconds, shares of the step, and exact counts.
 * Run: npm run bench:negotiation-training [-- --groups 1 --size 2 --tokens 16]
 */
import { parseArgs } from 'node:util';
import { runMain, withDuet } from './built-page.mjs';

const { values } = parseArgs({
  options: {
    groups: { type: 'string', default: '1' },
    size: { type: 'string', default: '2' },
    tokens: { type: 'string', default: '16' },
  },
});

await runMain(() =>
  withDuet(async (duet, browser) => {
    await duet.evaluate(
      async (d) =>
        void (await d.loadModel('smollm2-135m-instruct', { contextLength: 4096, kernelShape: 'threadPerRows' })),
    );
    const tokens = Number(values.tokens);
    const result = await duet.evaluate(
      async (d, [groupsPerStep, groupSize, length]) => {
        const settings = {
          groupSize,
          maxTurns: 1,
          maxUtteranceTokens: length,
          maxCompletionTokens: length,
          agreementThreshold: 0,
          seed: 1,
        };
        const request = /** @type {const} */ ({
          kind: 'start',
          name: 'Bench',
          // The first step also compiles.
          steps: 2,
          groupsPerStep,
          settings,
        });
        const estimate = await d.negotiation.estimateTraining(request);
        const run = await d.negotiation.train(request);
        const step = await d.negotiation.readTrainingStep(run.id, 2);
        await d.negotiation.deleteTrainingRun(run.id);
        await d.training.deleteAdapter(run.adapterId);
        return { estimate, steps: run.steps, rows: step?.rows.length ?? 0, device: run.device };
      },
      /** @type {const} */ ([Number(values.groups), Number(values.size), tokens]),
    );
    console.log(`${result.device}; ${browser.version()}`);
    const [, step] = result.steps;
    if (step === undefined) throw new Error('There was no second step.');
    const total = Object.values(step.phaseSeconds).reduce((sum, seconds) => sum + seconds, 0);
    for (const [phase, seconds] of Object.entries(step.phaseSeconds))
      console.log(
        `${phase.padEnd(10)} ${seconds.toFixed(2).padStart(8)} s ${((100 * seconds) / total).toFixed(0).padStart(4)} %`,
      );
    const trained = step.metrics['num_tokens'] ?? 0;
    console.log(`rows trained ${result.rows}, tokens trained in both steps ${trained}`);
    const { seconds } = result.estimate;
    console.log(
      `estimated ${seconds.step.toFixed(1)} s a step, took ${total.toFixed(1)} s: ratio ${(seconds.step / total).toFixed(2)}`,
    );
  }),
);
