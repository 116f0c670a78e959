import { openControlNet } from './checkpoint/controlnet.js';
import { openModel } from './checkpoint/open.js';
import { readValues } from './checkpoint/values.js';
import { controlUnfit } from './controlnet.js';
import { LoraNetworks } from './lora/networks.js';
import type { Model } from './model.js';
import type { Networks } from './networks.js';
import type { OpenOptions } from './open-options.js';
import { conditionWith } from './pipeline/condition.js';
import type { Engine } from './pipeline/engine.js';
import { Pace } from './pipeline/pace.js';
import { hasSd1Latents } from './pipeline/preview-matrix.js';
import { withPrediction } from './prediction.js';
import { BatchedNetworks } from './runtime/batched-networks.js';
import { ControlNetworks, type ControlNetworksOptions } from './runtime/control-networks.js';
import { Memory } from './runtime/memory.js';
import { networksOn, quantizerFor } from './runtime/open.js';
import type { Provider } from './runtime/provider.js';
import { openRuntime, type Runtime } from './runtime/runtime.js';
import { tinyDecoderOn } from './runtime/tiny-decoder.js';
import { SafetyChecker } from './safety/checker.js';

/** On a processor, a batch takes as long as its pictures one by one (docs/performance.md). */
const GPU_BATCH = 4;

/** An engine, and what it was opened with. */
export interface OpenedEngine {
  readonly engine: Engine;
  /** Pictures that may be painted at the same time. */
  readonly batch: number;
  /** Opens a ControlNet on the model's device. */
  readonly control: (path: string, options: ControlNetworksOptions) => Promise<ControlNetworks>;
  /** Is closed last. */
  readonly runtime: Runtime;
}

/** @throws CheckpointError if the model cannot be read; EaselError if the device cannot be used. */
export async function openEngine(path: string, options: OpenOptions): Promise<OpenedEngine> {
  const opened = await openModel(path, options);
  const runtime = await openRuntime(options, headSizeOf(opened));
  try {
    return await openIn(runtime, opened, options);
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

async function openIn(runtime: Runtime, opened: Model, options: OpenOptions): Promise<OpenedEngine> {
  const { provider, forms, host } = runtime;
  // Networks with LoRAs share it with those without.
  const memory = new Memory(options.freeMemory);
  const on = { ...options, memory, forms, host };
  const painters = new LoraNetworks(opened, (merged) => networksOn(provider, merged, on), options.loras, host);
  const model = opened.kind === 'weights' ? await withPrediction(opened, painters) : opened;
  const batch = batchOf(options.batch ?? 1, provider, model, painters);
  const networks = batch > 1 ? new BatchedNetworks(painters) : painters;
  const { previewVae } = options;
  const tinyDecoder =
    previewVae !== undefined && hasSd1Latents(model) ? await tinyDecoderOn(runtime, previewVae) : undefined;
  const control = async (file: string, own: ControlNetworksOptions) => {
    if (model.kind === 'onnx') throw controlUnfit();
    const int8 = quantizerFor(provider, model, options);
    return new ControlNetworks(await openControlNet(file, model.unet), runtime, { ...own, int8 });
  };
  return {
    engine: {
      model,
      networks,
      safety: await safetyOf(model, networks),
      tinyDecoder,
      pace: new Pace(),
      condition: await conditionWith(model, networks, painters),
    },
    batch,
    control,
    runtime,
  };
}

/**
 * Int8 has one scale for all rows of a run, so a picture would depend on its company. Graphs that others exported may take
 * one timestep for all rows, or a fixed number of them.
 */
function batchOf(asked: number | 'auto', provider: Provider, { kind }: Model, { int8 }: Networks): number {
  const most = asked === 'auto' ? (provider === 'cpu' ? 1 : GPU_BATCH) : asked;
  return int8 || kind === 'onnx' ? 1 : most;
}

/** Of the outermost level, where attention takes most. */
function headSizeOf(model: Model): number | undefined {
  return model.kind === 'weights' ? model.unet.blockOutChannels[0]! / model.unet.heads[0]! : undefined;
}

async function safetyOf({ safetyChecker }: Model, { embedImage }: Networks): Promise<SafetyChecker | null> {
  if (!safetyChecker || !embedImage) return null;
  const values = (name: string) => readValues(safetyChecker.weights.get(name)!);
  return new SafetyChecker(embedImage, {
    concepts: await values('concept_embeds'),
    conceptThresholds: await values('concept_embeds_weights'),
    specialCare: await values('special_care_embeds'),
    specialCareThresholds: await values('special_care_embeds_weights'),
  });
}
