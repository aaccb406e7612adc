import type { MlcConvTemplate } from './mlc-config.ts';

/**
 * A Jinja template from an MLC conversation template, for folders without `tokenizer_config.json`. Only ChatML is
 * recognised, where nothing is left to guess.
 *
 * @returns null for any other template
 */
export function chatTemplateOfMlc(conversation: MlcConvTemplate | null): string | null {
  if (conversation === null || !isChatMl(conversation)) return null;
  const message = conversation.system_message ?? '';
  // Text that Jinja could read as something else than text is not put into a template.
  if (!/^[\w .,;:!?()-]*$/.test(message)) return null;
  const system = message === '' ? '' : systemTurn(message);
  return `${system}${TURNS}`;
}

function isChatMl(template: MlcConvTemplate): boolean {
  const { roles, seps, system_template: system } = template;
  return (
    roles?.user === '<|im_start|>user' &&
    roles.assistant === '<|im_start|>assistant' &&
    seps?.length === 1 &&
    seps[0] === '<|im_end|>\n' &&
    system === '<|im_start|>system\n{system_message}<|im_end|>\n' &&
    template.role_content_sep === '\n' &&
    template.role_empty_sep === '\n'
  );
}

/** web-llm puts the template's own message in front of a conversation without one. */
function systemTurn(message: string): string {
  return `{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\n${message}<|im_end|>\\n' }}{% endif %}`;
}

const TURNS = [
  `{% for message in messages %}`,
  `{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}`,
  `{% endfor %}`,
  `{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`,
].join('');
