import { z } from 'zod';
import { scenarioSchema } from './scenario.ts';

/** The schema of what is written in a file, for editors and other programs. */
export function scenarioJsonSchema(): z.core.JSONSchema.BaseSchema {
  return {
    $id: 'duet-scenario-1',
    title: 'Duet scenario, version 1',
    ...z.toJSONSchema(scenarioSchema, { io: 'input', unrepresentable: 'any' }),
  };
}
