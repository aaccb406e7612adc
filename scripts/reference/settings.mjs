/** docs/reference/settings.md: every setting of the panels, from the records that the forms and schemas are made of. */

/**
 * @typedef {import('../../src/lib/settings-field.ts').SettingsField} Field
 * @typedef {{ readonly name: string, readonly summary: string, readonly settings: Readonly<Record<string, unknown>> }} Preset
 * @typedef {{
 *   title: string,
 *   where: string,
 *   fields: Readonly<Record<string, Field>>,
 *   groups: Readonly<Record<string, string>>,
 *   presets: Readonly<Record<string, Preset>>,
 * }} Panel
 */

const file = 'docs/reference/settings.md';

/** In a cell of a table. @type {(text: string) => string} */
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ').trim();

/** @type {(value: unknown) => string} */
const code = (value) => {
  const text = typeof value === 'string' ? `'${value.replaceAll('\n', '\\n')}'` : JSON.stringify(value);
  return `\`${text.replaceAll('|', '\\|')}\``;
};

/** @type {(field: Field) => string} */
function rangeOf(field) {
  switch (field.kind) {
    case 'number': {
      const whole = Number.isInteger(field.step) ? ', whole' : '';
      return `${field.min.toLocaleString('en')} to ${field.max.toLocaleString('en')}${whole}${field.unit === '' ? '' : `; ${field.unit}`}`;
    }
    case 'switch':
      return '`true`, `false`';
    case 'choice':
      return Object.entries(field.options)
        .map(([value, label]) => (value === label ? code(value) : `${code(value)} (${label})`))
        .join(', ');
    case 'text':
      return `text of up to ${field.maxLength.toLocaleString('en')} characters`;
    case 'words':
      return '1 to 12 words';
    default:
      throw new Error('a kind of setting that is not described');
  }
}

/** @type {(name: string, field: Field) => string} */
function row(name, field) {
  const { label, help, source, live } = field;
  const takes = live === true ? ' Taken over by a run under way.' : '';
  const cells = [
    `${cell(label)}<br>\`${name}\``,
    code(field.default),
    rangeOf(field),
    `${cell(help)}${takes}`,
    cell(source),
  ];
  return `| ${cells.join(' | ')} |`;
}

const HEAD = '| setting | default | values | what it does | source |\n| --- | --- | --- | --- | --- |';

/** @type {(panel: Panel) => string} */
function panelText({ title, where, fields, groups, presets }) {
  const tables = Object.entries(groups).map(([group, name]) => {
    const rows = Object.entries(fields)
      .filter(([, field]) => field.group === group)
      .map(([key, field]) => row(key, field));
    return `### ${name}\n\n${HEAD}\n${rows.join('\n')}`;
  });
  const list = Object.entries(presets).map(([key, { name, summary, settings }]) => {
    const set = Object.entries(settings).map(([setting, value]) => `\`${setting}\` ${code(value)}`);
    return `- **${name}** (\`${key}\`): ${cell(summary)}<br>Sets ${set.join(', ')}.`;
  });
  return `## ${title}\n\n${where}\n\n${tables.join('\n\n')}\n\n### Presets of ${title}\n\n${list.join('\n')}`;
}

/**
 * @param {(module: string) => Promise<any>} load  a module of the repository, by its path from the root
 * @returns {Promise<import('../docs-reference.mjs').Made[]>}
 */
export async function make(load) {
  const reasoning = await load('src/protocol/reasoning-fields.ts');
  const reasoningSettings = await load('src/protocol/reasoning-settings.ts');
  const reasoningPresets = await load('src/protocol/reasoning-presets.ts');
  const negotiation = await load('src/protocol/negotiation-fields.ts');
  const negotiationPresets = await load('src/protocol/negotiation-presets.ts');
  const chat = await load('src/protocol/chat-fields.ts');
  const small = Object.entries(reasoningSettings.SMALL_MODEL_SETTINGS)
    .map(([name, value]) => `\`${name}\` ${code(value)}`)
    .join(', ');
  const panels = [
    {
      title: 'Thinking',
      where: `Records: \`src/protocol/reasoning-fields.ts\` and \`live-fields.ts\`. From a script: \`settings\` of \`duet.reason\`, \`duet.reasonLive\`, \`duet.compare\` and \`duet.evaluate\`, and \`duet.updateSettings\`. Models whose vocabulary has no \`<think>\` begin with other defaults: ${small}.`,
      fields: reasoning.REASONING_FIELDS,
      groups: reasoning.SETTINGS_GROUPS,
      presets: reasoningPresets.REASONING_PRESETS,
    },
    {
      title: 'Negotiation',
      where:
        'Records: `src/protocol/negotiation-fields.ts`. From a script: `settings` of `duet.negotiation.rollout`, `duet.negotiation.train` and `duet.negotiation.evaluate`.',
      fields: negotiation.NEGOTIATION_FIELDS,
      groups: negotiation.NEGOTIATION_GROUPS,
      presets: negotiationPresets.NEGOTIATION_PRESETS,
    },
    {
      title: 'Chat',
      where: 'Records: `src/protocol/chat-fields.ts`. `duet.chat` takes its own fields: the request of that function.',
      fields: chat.CHAT_FIELDS,
      groups: chat.CHAT_GROUPS,
      presets: chat.CHAT_PRESETS,
    },
  ];
  const text = `# Settings

Made from the code by \`npm run docs:reference\`; a test says when it is out of date. The button Settings of each panel shows the same records, with a search, and marks what is not the default.

${panels.map(panelText).join('\n\n')}
`;
  return [{ file, text }];
}
