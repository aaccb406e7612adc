import { expect, test } from 'vitest';
import {
  checkRequest,
  generateSchema,
  loadSchema,
  profileSchema,
  questionSchema,
  removeSchema,
  sourceSchema,
} from './request-schemas.ts';

test.each([
  ['maxNewTokens', generateSchema, { tokenIds: [1] }],
  ['topP', generateSchema, { tokenIds: [1], maxNewTokens: 4, topP: 0 }],
  ['burst', generateSchema, { tokenIds: [1], maxNewTokens: 4, burst: 65 }],
  ['tokenIds.1', generateSchema, { tokenIds: [1, -2], maxNewTokens: 4 }],
  ['kvType', loadSchema, { kvType: 'f8' }],
  ['contextLength', loadSchema, { contextLength: 0 }],
  ['source', sourceSchema, {}],
  ['source', sourceSchema, { source: { length: 1, 0: 'model.gguf' } }],
  ['ids', removeSchema, { ids: 'duet:https://x.example/m/' }],
  ['rows', profileSchema, { promptTokens: 1, decodeSteps: 1, rows: 0 }],
  ['settings.budget', questionSchema, { question: 'Why?', settings: { budget: -1 } }],
  ['drafts.0.text', questionSchema, { question: 'Why?', drafts: [{ step: 0, text: 5, sent: true }] }],
])('a wrong %s is refused by name', (field, schema, value) => {
  expect(() => checkRequest(schema, value, 'call')).toThrow(expect.objectContaining({ code: 'invalidConfig' }));
  expect(() => checkRequest(schema, value, 'call')).toThrow(`call: ${field}: `);
});

test('what is right passes, further options included', () => {
  checkRequest(generateSchema, { messages: [], maxNewTokens: 1, temperature: 0, burst: 64, other: 1 }, 'generate');
  checkRequest(loadSchema, {}, 'loadModel');
  const file = new File([], 'm.gguf');
  for (const source of ['', file, [file], []]) checkRequest(sourceSchema, { source }, 'loadModel');
});
