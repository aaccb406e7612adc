import { browserLaunchOptions } from '../scripts/browser.mjs';

/** For `test.use`: the same browser without its WebGPU flags and with the feature switched off. */
export function withoutWebGpu(): { readonly launchOptions: ReturnType<typeof browserLaunchOptions> } {
  const { args, ...others } = browserLaunchOptions();
  return {
    launchOptions: {
      ...others,
      args: [...args.filter((flag) => !flag.includes('webgpu')), '--disable-features=WebGPU,WebGPUService'],
    },
  };
}
