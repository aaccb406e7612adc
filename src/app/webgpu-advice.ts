/** Why WebGPU is missing, and what to do about it in each browser. */

export interface PageFacts {
  readonly isSecureContext: boolean;
  /** Whether the browser has `navigator.gpu` at all. */
  readonly hasWebGpu: boolean;
  readonly userAgent: string;
  /** What the engine found out. */
  readonly reason: string | null;
  readonly host: string;
}

export interface BrowserAdvice {
  readonly browser: string;
  readonly isYours: boolean;
  readonly steps: string;
}

export interface WebGpuAdvice {
  readonly why: string;
  readonly first: string;
  readonly browsers: readonly BrowserAdvice[];
}

type Browser = 'chrome' | 'edge' | 'safari' | 'firefox' | 'other';

export function browserOf(userAgent: string): Browser {
  if (/Edg\//.test(userAgent)) return 'edge';
  if (/Firefox\//.test(userAgent)) return 'firefox';
  if (/Chrome\/|Chromium\/|CriOS\//.test(userAgent)) return 'chrome';
  if (/Safari\//.test(userAgent)) return 'safari';
  return 'other';
}

export function adviseOnWebGpu(facts: PageFacts): WebGpuAdvice {
  return { ...causeOf(facts), browsers: browsersFor(facts.userAgent) };
}

function causeOf({ isSecureContext, hasWebGpu, reason, host }: PageFacts): Pick<WebGpuAdvice, 'why' | 'first'> {
  if (!isSecureContext) {
    return {
      why: `Browsers offer WebGPU only on https and on localhost; this page came over plain http from ${host}.`,
      first:
        'Open it with https, or on the same machine as http://localhost. Whoever serves it gets https by npm run demo -- --host --https.',
    };
  }
  if (!hasWebGpu) {
    return {
      why: 'This browser does not offer WebGPU, which Duet needs to run the model on your GPU.',
      first: 'Update the browser, or open this page in one of those below.',
    };
  }
  return {
    why: reason ?? 'The browser has WebGPU, but it found no graphics adapter that it is willing to use.',
    first: 'Switch on hardware acceleration in the browser’s settings, start it anew, and load this page again.',
  };
}

function browsersFor(userAgent: string): readonly BrowserAdvice[] {
  const yours = browserOf(userAgent);
  const isLinux = /Linux/.test(userAgent) && !/Android/.test(userAgent);
  return [
    {
      browser: 'Chrome, Edge',
      isYours: yours === 'chrome' || yours === 'edge',
      steps:
        'Version 113 or newer on Windows, macOS and ChromeOS; 121 on Android. Look at chrome://gpu: “WebGPU” should say “Hardware accelerated”.',
    },
    {
      browser: 'Chrome on Linux',
      isYours: isLinux && yours === 'chrome',
      steps:
        'Start it with `--enable-unsafe-webgpu --enable-features=Vulkan`. Without a GPU, `--enable-unsafe-webgpu --use-webgpu-adapter=swiftshader` computes on the CPU, slowly.',
    },
    {
      browser: 'Safari',
      isYours: yours === 'safari',
      steps: 'Version 26 or newer (macOS 26, iOS 26). Before that: Settings, Feature Flags, WebGPU.',
    },
    {
      browser: 'Firefox',
      isYours: yours === 'firefox',
      steps:
        'Version 141 or newer on Windows, 145 on Macs with Apple chips. Elsewhere: Nightly, with `dom.webgpu.enabled` in about:config.',
    },
  ];
}
