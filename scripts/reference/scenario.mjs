/** The JSON schema of scenarios, and its fields as a document. */
import { scenarioReference } from '../scenario/reference.mjs';

/** @type {(load: (module: string) => Promise<any>) => Promise<import('../docs-reference.mjs').Made[]>} */
export async function make(load) {
  const { scenarioJsonSchema } = await load('src/protocol/scenario/scenario-json-schema.ts');
  const schema = scenarioJsonSchema();
  return [
    { file: 'public/schemas/scenario-1.json', text: `${JSON.stringify(schema, null, 1)}\n` },
    { file: 'docs/reference/scenario.md', text: scenarioReference(schema) },
  ];
}
