import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CheckpointError } from '../errors.js';
import type { ScheduleConfig } from '../model.js';
import { schedulerJson } from './configs.js';
import { readJson } from './json.js';
import { alphasCumprod, alphasCumprodOf, SD_V1_BETAS } from './schedule.js';

/** What weights folders and ONNX folders of diffusers have in common. */
const indexJson = z.looseObject({ _class_name: z.string().optional() });

/** @throws CheckpointError naming the pipeline, if it is not one of Stable Diffusion 1.x or 2.x. */
export async function refuseOtherPipelines(path: string): Promise<void> {
  const file = join(path, 'model_index.json');
  if (!existsSync(file)) return;
  const { _class_name: pipeline = 'StableDiffusionPipeline' } = await readJson(file, indexJson);
  const plain = pipeline.replace(/^(Onnx|ORT)/, '').replace(/(Img2Img|Inpaint|InpaintLegacy|Safe)?Pipeline$/, '');
  if (!['StableDiffusion', 'LatentConsistencyModel', 'Diffusion'].includes(plain)) {
    throw new CheckpointError(`${path}: this is a ${pipeline}; only Stable Diffusion 1.x and 2.x are supported.`);
  }
}

export async function readSchedule(path: string): Promise<ScheduleConfig> {
  const file = join(path, 'scheduler', 'scheduler_config.json');
  if (!existsSync(file)) return { alphasCumprod: alphasCumprod(SD_V1_BETAS), predictionType: 'epsilon' };
  const json = await readJson(file, schedulerJson);
  const alphas = json.trained_betas
    ? alphasCumprodOf(json.trained_betas)
    : alphasCumprod({
        betaStart: json.beta_start,
        betaEnd: json.beta_end,
        kind: json.beta_schedule,
        timesteps: json.num_train_timesteps,
      });
  return { alphasCumprod: alphas, predictionType: json.prediction_type };
}
