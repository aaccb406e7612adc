/** First questions that a model of 135 million parameters can answer. */
export const STARTER_QUESTIONS: readonly string[] = [
  'What is the capital of France?',
  'Why do leaves change colour in autumn?',
  'Give me three tips for sleeping well.',
];
