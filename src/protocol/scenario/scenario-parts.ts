/** What every scenario has, whatever its panel: the model, what is set up around the page, what is expected. */
import { z } from 'zod';

const MAX_TEXT = 100_000;
const MAX_TOKENS = 400_000;

const count = z.int().min(0);
const text = z.string().max(MAX_TEXT);
const shortText = z.string().min(1).max(500);
const tokenIds = z.array(count).max(MAX_TOKENS);
/** Counts in JSON are exact up to here, and nothing that is counted comes near. */
const bytes = count.max(Number.MAX_SAFE_INTEGER);

export const loadOptionsSchema = z
  .strictObject({
    contextLength: z.int().min(1).exactOptional().describe('Tokens that all blocks of the cache hold together.'),
    kvType: z.enum(['auto', 'f32', 'f16']).exactOptional().describe('How keys and values are stored.'),
    quantization: z
      .enum(['none', 'q8', 'q4'])
      .exactOptional()
      .describe('What is done to f32, f16 and bf16 matrices at load.'),
    kernelShape: z
      .enum(['auto', 'threadPerRows', 'workgroupPerRows'])
      .exactOptional()
      .describe('Shape of the weight-bound kernels. A named one keeps a measurement out of the run.'),
  })
  .describe('Options of `duet.loadModel`.');

export const modelSchema = z
  .strictObject({
    source: z
      .string()
      .min(1)
      .max(2000)
      .describe(
        'An id of the catalogue, or the address of a model: absolute, or on the page’s server with a `/` in front.',
      ),
    options: loadOptionsSchema.exactOptional(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
      .exactOptional()
      .describe('Of the model’s file. Where it is given, another file fails the scenario.'),
  })
  .describe('The model that is loaded first.');

const responseSchema = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .max(1000)
      .exactOptional()
      .describe(
        'A file that is sent, relative to the scenario’s folder. It has to lie below that or the working directory.',
      ),
    body: text.exactOptional().describe('A text that is sent.'),
    contentType: z.string().min(1).max(200).exactOptional(),
    status: z.int().min(200).max(599).exactOptional().describe('HTTP status.'),
    truncateToBytes: bytes.exactOptional().describe('The answer ends behind so many bytes, as if that were all.'),
    flipByteAt: bytes.exactOptional().describe('All bits of this byte of the answer are turned over.'),
    delayMs: z.number().min(0).max(600_000).exactOptional().describe('The answer comes so much later.'),
    abort: z.literal(true).exactOptional().describe('There is no answer: the connection fails.'),
  })
  .refine((response) => Object.keys(response).length > 0, 'must say what the answer is, for example {"status": 503}');

export const environmentSchema = z
  .strictObject({
    quotaBytes: bytes.exactOptional().describe('What the browser lets the page store.'),
    network: z
      .array(
        z.strictObject({
          url: shortText.describe('Glob of addresses, such as `**/models/tiny/*.gguf`.'),
          respond: responseSchema,
          times: z.int().min(1).max(1000).exactOptional().describe('Only the first so many requests. Default: all.'),
        }),
      )
      .max(50)
      .exactOptional()
      .describe('Answers of the network; the first rule whose address fits counts.'),
    loseDevice: z
      .union([
        z.strictObject({ atStep: count.describe('When so many steps, tokens or updates have been made.') }),
        z.strictObject({ atMs: z.number().min(0).max(600_000).describe('So long after the run began.') }),
      ])
      .exactOptional()
      .describe('The GPU device is lost on purpose.'),
  })
  .describe('What is set up around the page. A scenario with an environment gets a browser profile of its own.');

const textExpectation = z
  .strictObject({
    of: shortText.describe('Name of a stream, such as `turn1.writer`.'),
    equals: text.exactOptional(),
    contains: text.exactOptional(),
    matches: z
      .string()
      .max(1000)
      .refine(isPattern, 'is no regular expression')
      .exactOptional()
      .describe('A regular expression (flags `su`).'),
  })
  .refine(
    ({ equals, contains, matches }) => equals !== undefined || contains !== undefined || matches !== undefined,
    'must have one of equals, contains and matches',
  );

const metricExpectation = z
  .strictObject({
    name: shortText.describe('Name of a metric of the outcome.'),
    min: z.number().exactOptional(),
    max: z.number().exactOptional(),
  })
  .refine(({ min, max }) => min !== undefined || max !== undefined, 'must have min, max or both')
  .refine(({ min = -Infinity, max = Infinity }) => min <= max, 'must have a min that is not above its max');

export const COUNT_NAMES = [
  'dispatches',
  'submits',
  'readbacks',
  'readbackBytes',
  'bindGroupsCreated',
  'dispatchesPerLayer',
] as const;

const countsSchema = z
  .strictObject({
    dispatches: count.exactOptional(),
    submits: count.exactOptional(),
    readbacks: count.exactOptional(),
    readbackBytes: count.exactOptional(),
    bindGroupsCreated: count.exactOptional(),
    dispatchesPerLayer: count.exactOptional(),
  })
  .describe('Exact counts of one decode step, as `duet.profile` gives them. They are counted behind the run.');

export const MEMORY_NAMES = ['weights', 'kvCache', 'activations', 'training', 'other', 'total'] as const;

const memorySchema = z
  .strictObject({
    weights: bytes.exactOptional(),
    kvCache: bytes.exactOptional(),
    activations: bytes.exactOptional(),
    training: bytes.exactOptional(),
    other: bytes.exactOptional(),
    total: bytes.exactOptional(),
  })
  .describe('Exact GPU bytes by owner behind the run, as `duet.memory` gives them.');

const screenshotSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be lower-case words with hyphens between them')
    .describe('The picture is kept as `SCENARIO.NAME.png`.'),
  region: z
    .union([
      z.strictObject({
        role: z.string().min(1).max(50),
        name: shortText.exactOptional().describe('The accessible name, as it is announced.'),
      }),
      z.strictObject({ testId: shortText }),
    ])
    .describe('What is photographed: the first element with this role and name, or this test id.'),
  maxDifferingShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.02)
    .describe('Share of pixels that may differ from the stored picture.'),
});

export const expectSchema = z
  .strictObject({
    tokenIds: z
      .record(shortText, tokenIds)
      .exactOptional()
      .describe('Exact token ids by stream; prefixes and what was put in between are part of a stream.'),
    texts: z.array(textExpectation).max(1000).exactOptional(),
    facts: z
      .record(shortText, text)
      .exactOptional()
      .describe('What the outcome says in words, such as `{"stop": "writer_eos"}`.'),
    metrics: z.array(metricExpectation).max(1000).exactOptional(),
    counts: countsSchema.exactOptional(),
    memory: memorySchema.exactOptional(),
    failure: z
      .strictObject({
        code: shortText.describe('A failure’s code, such as `deviceLost`.'),
        messageContains: text.exactOptional(),
      })
      .exactOptional()
      .describe('The run has to end with this failure. Left out: with none.'),
    noConsoleErrors: z.boolean().default(true).describe('Whether an error in the page’s console fails the scenario.'),
    allowedConsoleErrors: z
      .array(shortText)
      .max(50)
      .exactOptional()
      .describe('Console errors that contain one of these texts are expected.'),
    screenshots: z.array(screenshotSchema).max(20).exactOptional(),
    baseline: z
      .enum(['exact', 'none'])
      .default('exact')
      .describe('Whether the stored baseline, where there is one, has to be met.'),
  })
  .describe('What has to hold behind the run.');

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'su') instanceof RegExp;
  } catch {
    return false;
  }
}
