import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readGoldenJson } from '@/testing/gguf-golden.ts';
import { renderChatTemplate } from './chat-template.ts';

const golden = readGoldenJson(
  'smollm2/chat-template.json',
  z.object({
    chat_template: z.string(),
    cases: z.array(
      z.object({
        name: z.string(),
        messages: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })),
        add_generation_prompt: z.boolean(),
        text: z.string(),
      }),
    ),
  }),
);

describe('embedded model', () => {
  test.each(golden.cases)('$name, generation prompt $add_generation_prompt', (expected) => {
    const text = renderChatTemplate(golden.chat_template, expected.messages, {
      addGenerationPrompt: expected.add_generation_prompt,
    });
    expect(text).toBe(expected.text);
  });
});

const user = [{ role: 'user', content: 'Hi' }] as const;

test('trims the line break after a block and the blanks in front of it', () => {
  const template =
    '{% for message in messages %}\n    {% if true %}\n{{ message.content }}\n    {% endif %}\n{% endfor %}';
  expect(renderChatTemplate(template, user, { addGenerationPrompt: false })).toBe('Hi\n');
});

test('hands over the BOS and EOS pieces and the thinking switch', () => {
  const template = '{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ enable_thinking }}';
  const options = { addGenerationPrompt: false, bosToken: '<s>', eosToken: '</s>', enableThinking: false };
  expect(renderChatTemplate(template, user, options)).toBe('<s>Hi</s>false');
});

test('a template that refuses the messages says why', () => {
  const template = "{{ raise_exception('Roles must alternate') }}";
  expect(() => renderChatTemplate(template, user, { addGenerationPrompt: false })).toThrow(
    expect.objectContaining({ code: 'invalidConfig', message: expect.stringContaining('Roles must alternate') }),
  );
});

test('a template that is no Jinja is an unsupported model', () => {
  expect(() => renderChatTemplate('{% if %}', user, { addGenerationPrompt: false })).toThrow(
    expect.objectContaining({ code: 'unsupportedModel' }),
  );
});
