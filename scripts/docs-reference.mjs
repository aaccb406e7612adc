/** Writes what is made from the schemas: the JSON schema of scenarios and its field reference. npm run docs:reference */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runnerImport } from 'vite';
import { scenarioReference } from './scenario/reference.mjs';
import { ROOT } from './setup.mjs';

const config = /** @type {import('vite').InlineConfig} */ ({
  configFile: false,
  logLevel: 'error',
  resolve: { alias: { '@': path.join(ROOT, 'src') } },
});
/** @type {{ module: typeof import('../src/protocol/scenario/scenario-json-schema.ts') }} */
const { module } = await runnerImport(path.join(ROOT, 'src/protocol/scenario/scenario-json-schema.ts'), config);
const schema = module.scenarioJsonSchema();

/** @type {(file: string, text: string) => void} */
function write(file, text) {
  mkdirSync(path.dirname(path.join(ROOT, file)), { recursive: true });
  writeFileSync(path.join(ROOT, file), text);
  console.log(file);
}

write('public/schemas/scenario-1.json', `${JSON.stringify(schema, null, 1)}\n`);
write(
  'docs/reference/scenario.md',
  scenarioReference(/** @type {import('./scenario/reference.mjs').Schema} */ (schema)),
);
