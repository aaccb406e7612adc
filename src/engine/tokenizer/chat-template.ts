import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ChatMessage } from '@/protocol/generation.ts';
import { BoundedTemplate, TooMuchWork } from './bounded-jinja.ts';

export interface ChatTemplateOptions {
  /** Whether the text ends with the head of the assistant's turn. */
  readonly addGenerationPrompt: boolean;
  /** Pieces of the BOS and EOS tokens; templates of some models write them. Default: empty. */
  readonly bosToken?: string;
  readonly eosToken?: string;
  /** Qwen3's switch; left undefined for the template's own default. */
  readonly enableThinking?: boolean;
}

/**
 * Renders a model's own Jinja template (trim_blocks and lstrip_blocks on, as in transformers).
 *
 * @throws {Failure} 'unsupportedModel' if the template cannot be parsed or does not come to an end; 'invalidConfig' if it
 *                   refuses the messages
 */
export function renderChatTemplate(
  template: string,
  messages: readonly ChatMessage[],
  { addGenerationPrompt, bosToken = '', eosToken = '', enableThinking }: ChatTemplateOptions,
): string {
  return render(compile(template), {
    messages: messages.map(({ role, content }) => ({ role, content })),
    add_generation_prompt: addGenerationPrompt,
    bos_token: bosToken,
    eos_token: eosToken,
    ...(enableThinking === undefined ? {} : { enable_thinking: enableThinking }),
  });
}

function compile(template: string): BoundedTemplate {
  try {
    return new BoundedTemplate(template);
  } catch (error) {
    throw new Failure<FailureCode>('unsupportedModel', `The model's chat template is not valid: ${reasonOf(error)}`);
  }
}

function render(template: BoundedTemplate, variables: Record<string, unknown>): string {
  try {
    return template.render(variables);
  } catch (error) {
    // What overflows the stack or the longest text is of the same kind.
    if (error instanceof TooMuchWork || error instanceof RangeError)
      throw new Failure<FailureCode>('unsupportedModel', `The model's chat template was stopped: ${reasonOf(error)}.`);
    throw new Failure<FailureCode>(
      'invalidConfig',
      `The model's chat template refuses the messages: ${reasonOf(error)}`,
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
