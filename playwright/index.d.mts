/** Types of duet/playwright. The implementation is checked against them. */
import type {
  Expect,
  Frame,
  MatcherReturnType,
  Page,
  PlaywrightTestArgs,
  PlaywrightTestOptions,
  PlaywrightWorkerArgs,
  PlaywrightWorkerOptions,
  TestType,
} from '@playwright/test';
import type { DuetApi, GenerateOptions, LoadModelOptions } from 'duet/api';

export type { DuetApi, GenerateOptions, LoadModelOptions };

export type MemoryReport = Awaited<ReturnType<DuetApi['memory']>>;
export type ModelInfo = Awaited<ReturnType<DuetApi['loadModel']>>;
export type ReasoningTrace = Awaited<ReturnType<DuetApi['reason']>>;
export type RunComparison = ReturnType<DuetApi['compareRuns']>;
/** A trace, or a recording, which is a trace with more in it. */
export type StoredRun = Parameters<DuetApi['compareRuns']>[0];

/** What crosses when a call fails; `code` is one of src/protocol/failures.ts. */
export interface FailureData {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

/** The error of a call that failed in the page. Its message begins with the code. */
export class DuetFailure extends Error {
  constructor(failure: FailureData);
  readonly code: string;
  readonly details: FailureData['details'];
}

/** Functions by the same names, all of which give promises; other values are left out. */
type InTest<Api> = {
  readonly [Name in keyof Api as Api[Name] extends string | number ? never : Name]: Api[Name] extends (
    ...args: infer Args
  ) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : InTest<Api[Name]>;
};

/**
 * `window.duet` of a page, called from a test: docs/automation.md describes its functions. Callbacks and abort signals
 * work; a call that fails rejects with a `DuetFailure`.
 */
export interface PageDuet extends InTest<DuetApi> {
  readonly page: Page;
  /** Runs a function in the page, as Playwright's `evaluate`; its first argument is `window.duet`. */
  inPage<Result, Argument = undefined>(
    run: (duet: DuetApi, argument: Argument) => Result | Promise<Result>,
    argument?: Argument,
  ): Promise<Result>;
  /** Loads a model from the test's machine. @param paths of one GGUF file, or of the shards or files of a model */
  loadModelFile(paths: string | readonly string[], options?: LoadModelOptions): Promise<ModelInfo>;
}

/** A handle on any page or frame that has `window.duet`, or will have it. */
export function duetIn(pageOrFrame: Page | Frame): PageDuet;

/** Options of a worker: set in the configuration, or with `test.use` at the top of a file. */
export interface DuetWorkerOptions {
  /** A running page that has `window.duet`. Default: the one that comes with the package is served. */
  duetUrl: string | undefined;
  /** What `loadModel` takes as text, files of the test's machine, or 'none'. Default: the embedded model. */
  duetModel: string | { readonly files: string | readonly string[] };
  /** Default: `{ kernelShape: 'threadPerRows' }`, so that nothing is measured. */
  duetLoadOptions: LoadModelOptions;
  /** Whether a test fails without WebGPU; otherwise it is skipped, with the reason. Default: where `CI` is set. */
  duetRequireWebGpu: boolean;
}

export interface DuetOptions {
  /** Console errors and uncaught errors of the page that a test expects; every other one fails it. Default: none. */
  duetAllowedErrors: readonly RegExp[];
}

export interface DuetFixtures {
  /** `window.duet` of a page with the model loaded, the same for all tests of a worker until one changes the model. */
  duet: PageDuet;
}

export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & DuetOptions & DuetFixtures,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & DuetWorkerOptions
>;

export interface ReplayExpectation {
  /** Compare only so many steps from the first one on. Default: all, and both runs end together. */
  readonly steps?: number;
}

type GenerateRequest = Omit<GenerateOptions, 'maxNewTokens' | 'onToken' | 'topLogProbs'> & {
  /** Default: the number of expected tokens. */
  readonly maxNewTokens?: number;
};

export type DuetMatchers = {
  /**
   * The stored run, done again from its setup, chooses and decides the same in every step. Explains the first difference.
   *
   * @param run  a trace or a recording, or the path of its JSON file from the test's folder
   */
  toReplayTrace(
    received: PageDuet,
    run: StoredRun | string,
    expectation?: ReplayExpectation,
  ): Promise<MatcherReturnType>;
  /** Generation gives exactly these tokens. Explains the first difference, with the top-2 margin. */
  toGenerateTokens(
    received: PageDuet,
    request: GenerateRequest,
    tokenIds: readonly number[],
  ): Promise<MatcherReturnType>;
  /** No owner holds more GPU memory than before. @param before  of `duet.memory()`; default: nothing at all */
  toHaveReleasedGpuMemory(received: PageDuet, before?: MemoryReport): Promise<MatcherReturnType>;
  /** A call, or a function that makes one, fails with this code. @param expectation  message: a part of it, or a pattern */
  toFailWith(
    received: Promise<unknown> | (() => unknown),
    code: string,
    expectation?: { readonly message?: string | RegExp },
  ): Promise<MatcherReturnType>;
};

export const expect: Expect<DuetMatchers>;

export interface WebGpuFlag {
  readonly flag: string;
  /** Absent: for both. */
  readonly adapter?: 'software' | 'gpu';
  /** Absent: on all. */
  readonly platforms?: readonly NodeJS.Platform[];
  readonly isHeadlessOnly?: boolean;
  readonly why: string;
}

/** Every flag that `webGpuLaunchOptions` may give, with its reason. */
export const WEBGPU_FLAGS: readonly WebGpuFlag[];

export interface WebGpuLaunchRequest {
  /**
   * 'software': SwiftShader, slow, the same everywhere. 'gpu': what the browser finds. 'auto', the default: what the
   * variable DUET_ADAPTER says; else on Linux a GPU where there is one, on macOS and Windows unless `CI` is set.
   */
  readonly adapter?: 'auto' | 'software' | 'gpu';
  /** Default: this one. */
  readonly platform?: NodeJS.Platform;
  /** Default: true. */
  readonly headless?: boolean;
  /**
   * 'playwright': its own Chromium (`npx playwright install chromium`). A path: that browser. 'auto', the default: the one
   * that the variable DUET_BROWSER names, an installed Chrome or Chromium, or Playwright's.
   */
  readonly browser?: string;
}

export interface WebGpuLaunchOptions {
  readonly args: string[];
  readonly headless: boolean;
  readonly executablePath?: string;
  readonly channel?: string;
}

/** For `use.launchOptions` in Playwright's configuration, or for `chromium.launch`. */
export function webGpuLaunchOptions(request?: WebGpuLaunchRequest): WebGpuLaunchOptions;

/** Path of the browser that DUET_BROWSER names, or of an installed Chrome or Chromium. */
export function findInstalledBrowser(): string | undefined;
