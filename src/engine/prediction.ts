import { nativeSizeOf } from './checkpoint/card.js';
import type { ScheduleConfig, WeightsModel } from './model.js';
import type { Networks } from './networks.js';

/** In what AUTOMATIC1111 shows the noise predictor: latents of 8x8 and a prompt of two tokens, all of this value. */
const VALUE = 0.5;
const SIDE = 8;
const TOKENS = 2;

/**
 * What an SD 2.x noise predictor predicts, found by running it once: at the noisiest timestep, one that predicts noise gives
 * about what it was shown, and one that predicts v gives much less than that (AUTOMATIC1111's modules/sd_models_config.py).
 */
export async function predictionOf(
  networks: Pick<Networks, 'predictNoise'>,
  { unet, schedule }: Pick<WeightsModel, 'unet' | 'schedule'>,
): Promise<ScheduleConfig['predictionType']> {
  const filled = (...shape: number[]) => ({
    data: new Float32Array(shape.reduce((size, side) => size * side)).fill(VALUE),
    shape,
  });
  const last = schedule.alphasCumprod.length - 1;
  const shown = filled(1, unet.inChannels, SIDE, SIDE);
  const { data } = await networks.predictNoise(shown, Float32Array.of(last), filled(1, TOKENS, unet.crossAttentionDim));
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return mean - VALUE < -1 ? 'v_prediction' : 'epsilon';
}

/** The model with what its noise predictor really predicts, where that was guessed from its name. */
export async function withPrediction<M extends WeightsModel>(
  model: M,
  networks: Pick<Networks, 'predictNoise'>,
): Promise<M> {
  const { guessed, ...schedule } = model.schedule;
  if (guessed === undefined) return model;
  const predictionType = await predictionOf(networks, model);
  const { card } = model;
  const native = card.nativeSize === nativeSizeOf(schedule.predictionType);
  return {
    ...model,
    schedule: { ...schedule, predictionType },
    card: { ...card, ...(native && { nativeSize: nativeSizeOf(predictionType) }) },
    warnings: model.warnings.filter((warning) => warning !== guessed),
  };
}
