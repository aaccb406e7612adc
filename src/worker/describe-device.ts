import { isSoftwareAdapter, limitsOf, requestAdapter } from '@/engine/gpu/device.ts';
import type { GpuModel } from '@/engine/generation/gpu-model.ts';
import type { DeviceReport, MemoryReport } from '@/protocol/model.ts';
import type { DecodeSpeed } from '@/protocol/speed.ts';

/** Adapter, limits and features; of the loaded model's device where there is one. Never throws. */
export async function describeDevice(
  gpuModel: GpuModel | null,
  memory: MemoryReport,
  speed: DecodeSpeed | null,
): Promise<DeviceReport> {
  const tuning = gpuModel?.tuning ?? null;
  try {
    const { info, features, adapterLimits, requestedLimits } = await adapterFacts(gpuModel);
    return {
      available: true,
      reason: null,
      vendor: info.vendor,
      architecture: info.architecture,
      description: info.description,
      isSoftware: isSoftwareAdapter(info),
      features,
      adapterLimits,
      requestedLimits,
      memory,
      tuning,
      speed,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const nothing = { vendor: '', architecture: '', description: '', isSoftware: false, features: [] };
    return { available: false, reason, ...nothing, adapterLimits: {}, requestedLimits: {}, memory, tuning, speed };
  }
}

async function adapterFacts(gpuModel: GpuModel | null): Promise<{
  info: GPUAdapterInfo;
  features: readonly string[];
  adapterLimits: Readonly<Record<string, number>>;
  requestedLimits: Readonly<Record<string, number>>;
}> {
  if (gpuModel !== null) {
    const { adapterInfo, adapterFeatures, adapterLimits, requestedLimits } = gpuModel.gpu;
    return { info: adapterInfo, features: adapterFeatures, adapterLimits, requestedLimits };
  }
  const adapter = await requestAdapter();
  const adapterLimits = limitsOf(adapter.limits);
  return { info: adapter.info, features: [...adapter.features].toSorted(), adapterLimits, requestedLimits: {} };
}
