import { splitThoughts } from '@/lib/think-splitter.ts';
import type { ChatMessage } from './generation.ts';

/** A message of the past as it is sent: thoughts of earlier answers stay out, which models are made not to see. */
export function withoutThoughts({ role, content }: ChatMessage): ChatMessage {
  return { role, content: role === 'assistant' ? splitThoughts(content).text : content };
}
