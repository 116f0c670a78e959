import type { InferenceSession } from 'onnxruntime-node';
import { executionProvider, type Provider } from './provider.js';

/** How the CPU runs a network, as measured at SD v1's size (docs/performance.md). */
export interface Tuning {
  /**
   * Rearrange weights for the processor when the session is created: this takes a copy in memory, and makes matrices a
   * tenth and convolutions a quarter faster. Otherwise they stay mapped from the checkpoint.
   */
  packed: boolean;
  /**
   * Keep memory between runs. Otherwise one block is allocated per run and freed after it, which is as fast from the
   * second run on and halves what the decoder holds.
   */
  keepsMemory: boolean;
}

export const TUNING = {
  text: { packed: false, keepsMemory: false },
  unet: { packed: true, keepsMemory: true },
  // Packed and mapped matrices differ in the last digit in float32, but not in int8.
  context: { packed: true, keepsMemory: false },
  int8Context: { packed: false, keepsMemory: false },
  // 0.2 GB less while the picture is decoded, for a step that takes 1.03 times as long.
  int8: { packed: true, keepsMemory: false },
  // For machines with little memory.
  mapped: { packed: false, keepsMemory: false },
  autoencoder: { packed: true, keepsMemory: false },
  bands: { packed: false, keepsMemory: false },
  safety: { packed: false, keepsMemory: false },
} satisfies Record<string, Tuning>;

export function sessionOptions(
  provider: Provider,
  threads: number | undefined,
  tuning: Tuning,
): InferenceSession.SessionOptions {
  const common = { ...(threads && { intraOpNumThreads: threads }), logSeverityLevel: 3 as const };
  if (provider !== 'cpu') return { ...common, executionProviders: [executionProvider(provider), 'cpu'] };
  return {
    ...common,
    executionProviders: ['cpu'],
    enableCpuMemArena: tuning.keepsMemory,
    enableMemPattern: !tuning.keepsMemory,
    // The convolutions' own arrangement of weights, which is a copy too, comes with the highest level.
    ...(!tuning.packed && { graphOptimizationLevel: 'extended' as const }),
    extra: {
      session: {
        // Spinning threads double the time of a step when anything else runs on the machine.
        intra_op: { allow_spinning: '0' },
        ...(!tuning.packed && { disable_prepacking: '1' }),
      },
    },
  };
}
