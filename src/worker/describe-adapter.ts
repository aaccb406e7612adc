import { isSoftwareAdapter } from '@/engine/gpu/device.ts';

/** The GPU in a few words, for records. */
export function describeAdapter(info: GPUAdapterInfo): string {
  const name = [info.vendor, info.architecture].filter((part) => part !== '').join(' ') || 'unknown adapter';
  return isSoftwareAdapter(info) ? `${name} (software)` : name;
}
