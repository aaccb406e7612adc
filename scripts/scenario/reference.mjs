/** The field reference of scenarios, made from their JSON schema. */

/**
 * @typedef {{
 *   type?: string | string[], description?: string, properties?: Record<string, Schema>, required?: string[],
 *   items?: Schema, anyOf?: Schema[], oneOf?: Schema[], enum?: unknown[], const?: unknown, default?: unknown,
 *   minimum?: number, maximum?: number, exclusiveMinimum?: number, exclusiveMaximum?: number,
 *   additionalProperties?: Schema | boolean, prefixItems?: Schema[], pattern?: string,
 * }} Schema
 */

/** What zod writes for a whole number without a limit of its own. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

const NEEDED = ' *needed*';

/** Settings have pages of their own. */
const TITLES = {
  thinking: 'Thinking',
  negotiation: 'Negotiation',
  training: 'Training',
  chat: 'Chat',
  model: 'Model',
};

/**
 * @param {Schema} schema
 * @returns {string} Markdown
 */
export function scenarioReference(schema) {
  const panels = schema.oneOf ?? schema.anyOf ?? [];
  const [first] = panels;
  const shared = Object.entries(first?.properties ?? {}).filter(
    ([name]) => !['inputs', 'settings', 'panel'].includes(name),
  );
  const sections = panels.map((panel) => panelSection(panel));
  return [
    '# Scenario files: every field',
    '',
    'Made from the schema by `npm run docs:reference`; do not edit it. How scenarios are written and run: [scenarios](../scenarios.md). The same as a JSON schema for editors: `public/schemas/scenario-1.json`.',
    '',
    '## In every scenario',
    '',
    '`panel` is `thinking`, `negotiation`, `training`, `chat` or `model`. Without a mark a field may be left out.',
    '',
    ...table(shared.flatMap(([name, field]) => rows(name, field, neededIn(panels, name)))),
    '',
    ...sections.flatMap((section) => [...section, '']),
  ].join('\n');
}

/** In which panels a file must have the field. @type {(panels: readonly Schema[], name: string) => string} */
function neededIn(panels, name) {
  const needing = panels.filter(({ required }) => required?.includes(name) === true);
  if (needing.length === panels.length) return NEEDED;
  return needing.length === 0 ? '' : ` *needed in ${needing.map(panelOf).join(', ')}*`;
}

/** @type {(panel: Schema) => string} */
function panelOf({ properties }) {
  return String(properties?.['panel']?.const);
}

/** @type {(panel: Schema) => string[]} */
function panelSection(panel) {
  const name = /** @type {keyof typeof TITLES} */ (panelOf(panel));
  const { inputs = {}, settings = {} } = panel.properties ?? {};
  return [
    `## ${TITLES[name]}`,
    '',
    inputs.description ?? '',
    '',
    ...table([...rows('inputs', inputs, NEEDED, false), ...rows('settings', settings, '', false)]),
  ];
}

/** @type {(lines: readonly string[]) => string[]} */
function table(lines) {
  return ['| field | values | meaning |', '| --- | --- | --- |', ...lines];
}

/**
 * A row for the field and, below it, for each of its own.
 *
 * @type {(name: string, schema: Schema, mark: string, hasOwnRow?: boolean) => string[]}
 */
function rows(name, schema, mark, hasOwnRow = true) {
  const fallback = schema.default === undefined ? '' : ` Default: ${code(JSON.stringify(schema.default))}.`;
  const own = `| ${code(name)}${schema.default === undefined ? mark : ''} | ${values(schema)} | ${cell(schema.description ?? '')}${cell(fallback)} |`;
  return [...(hasOwnRow ? [own] : []), ...below(name, schema)];
}

/** @type {(name: string, schema: Schema) => string[]} */
function below(name, schema) {
  const alternatives = (schema.oneOf ?? schema.anyOf ?? []).filter((one) => one.properties !== undefined);
  if (alternatives.length > 0)
    return alternatives.flatMap((one) => below(name + variant(one, alternatives.length), one));
  if (schema.items?.properties !== undefined || schema.items?.oneOf !== undefined || schema.items?.anyOf !== undefined)
    return below(`${name}[]`, schema.items);
  return Object.entries(schema.properties ?? {})
    .filter(([, field]) => field.const === undefined || field.description !== undefined)
    .flatMap(([key, field]) => rows(`${name}.${key}`, field, schema.required?.includes(key) === true ? NEEDED : ''));
}

/**
 * Which of several shapes: the constant that tells them apart, or else the first field.
 *
 * @type {(one: Schema, numShapes: number) => string}
 */
function variant({ properties = {} }, numShapes) {
  if (numShapes < 2) return '';
  const fields = Object.entries(properties);
  const mark = fields.find(([, field]) => field.const !== undefined);
  if (mark !== undefined) return ` (${mark[0]} ${JSON.stringify(mark[1].const)})`;
  const [first] = fields;
  return first === undefined ? '' : ` (with ${first[0]})`;
}

/** @type {(schema: Schema) => string} */
function values(schema) {
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((value) => code(JSON.stringify(value))).join(', ');
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (alternatives !== undefined) return [...new Set(alternatives.map(values))].join(' or ');
  if (schema.type === 'array') return `list of ${schema.items === undefined ? 'anything' : values(schema.items)}`;
  if (schema.type === 'object') return schema.properties === undefined ? 'object by name' : 'object';
  if (schema.type === 'number' || schema.type === 'integer') return range(schema);
  return typeof schema.type === 'string' ? schema.type : 'anything';
}

/** @type {(schema: Schema) => string} */
function range({ type, minimum, maximum, exclusiveMinimum }) {
  const kind = type === 'integer' ? 'whole number' : 'number';
  const low = minimum === undefined || minimum <= -NO_LIMIT ? undefined : minimum;
  const high = maximum === undefined || maximum >= NO_LIMIT ? undefined : maximum;
  if (low !== undefined && high !== undefined) return `${kind}, ${low} to ${high}`;
  if (low !== undefined) return `${kind} from ${low}`;
  if (exclusiveMinimum !== undefined)
    return `${kind} above ${exclusiveMinimum}${high === undefined ? '' : ` to ${high}`}`;
  return high === undefined ? kind : `${kind} up to ${high}`;
}

/** @type {(text: string) => string} */
function code(text) {
  return `\`${cell(text)}\``;
}

/** @type {(text: string) => string} */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
