import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CheckpointError } from '../errors.js';
import { recipeNamed } from '../few-steps.js';
import type { ModelCard, ScheduleConfig } from '../model.js';
import { samplerNamed, spacingsOf } from '../samplers/names.js';
import type { SamplerName } from '../samplers/table.js';
import { readComponent } from './component.js';
import { schedulerJson } from './configs.js';
import { readJson } from './json.js';
import { WEIGHTS_NAME } from './names.js';
import { alphasCumprod, alphasCumprodOf, SD_V1_BETAS, zeroTerminalSnr } from './schedule.js';
import { unreadable } from './source.js';

/** What diffusers' folders with weights and with ONNX graphs have in common. */
const indexJson = z.looseObject({ _class_name: z.string().optional() });

/** @throws CheckpointError naming the pipeline, if it is not one of Stable Diffusion 1.x or 2.x. */
export async function refuseOtherPipelines(path: string): Promise<void> {
  const file = join(path, 'model_index.json');
  if (!existsSync(file)) return;
  const { _class_name: pipeline = 'StableDiffusionPipeline' } = await readJson(file, indexJson);
  const plain = pipeline
    .replace(/^(Onnx|ORT)/, '')
    .replace(/(Img2Img|Inpaint|InpaintLegacy|InstructPix2Pix|Safe)?Pipeline$/, '');
  if (!['StableDiffusion', 'LatentConsistencyModel', 'Diffusion'].includes(plain)) {
    throw new CheckpointError(`${path}: this is a ${pipeline}; only Stable Diffusion 1.x and 2.x are supported.`);
  }
}

/** Whether a folder looks like a diffusers model. */
export function isModelFolder(path: string): boolean {
  return existsSync(join(path, 'unet')) || existsSync(join(path, 'model_index.json'));
}

/** What PEFT and diffusers call LoRAs, and the concepts library embeddings; an optimizer's state may be next to them. */
const SAVED_ALONE = ['adapter_model', 'pytorch_lora_weights', 'learned_embeds'].flatMap((name) => [
  `${name}.safetensors`,
  `${name}.bin`,
]);

const componentJson = z.looseObject({
  _class_name: z.string().optional(),
  architectures: z.array(z.string()).nullish(),
});

/**
 * The file that a folder is about which is no diffusers model: a LoRA, an embedding, or a checkpoint that has its folder to
 * itself.
 *
 * @throws CheckpointError if there is no such file, or more than one; it says what the folder is, as far as that is known.
 */
export async function fileOfFolder(path: string): Promise<string> {
  const names = await readdir(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  const config = join(path, 'config.json');
  if (existsSync(config)) {
    const { _class_name: name, architectures } = await readJson(config, componentJson);
    const part = name ?? architectures?.[0];
    // Its weights say what it is.
    if (part === 'ControlNetModel') return (await readComponent(path)).files[0]!;
    if (part) {
      throw new CheckpointError(
        `${path}: this is only one part of a model (${part.slice(0, 80)}). Give the folder of the whole model.`,
      );
    }
  }
  const weights = names.filter((name) => WEIGHTS_NAME.test(name)).sort();
  const file = SAVED_ALONE.find((name) => names.includes(name)) ?? (weights.length === 1 ? weights[0] : undefined);
  if (file !== undefined) return join(path, file);
  const some = weights.slice(0, 4).join(', ');
  throw new CheckpointError(
    some
      ? `${path}: this folder is not a diffusers model, but has several files: ${some}${weights.length > 4 ? ', ...' : ''}. Give one of them.`
      : `${path}: this folder is not a diffusers model (there is no unet in it). Give a checkpoint file or a model's folder.`,
  );
}

/** What a diffusers folder's scheduler_config.json says of a model. */
export interface Scheduler {
  schedule: ScheduleConfig;
  advice: Partial<ModelCard>;
}

/** SD v1's schedule where there is no such file. @throws CheckpointError */
export async function readScheduler(path: string): Promise<Scheduler> {
  const file = join(path, 'scheduler', 'scheduler_config.json');
  if (!existsSync(file)) {
    return { schedule: { alphasCumprod: alphasCumprod(SD_V1_BETAS), predictionType: 'epsilon' }, advice: {} };
  }
  const json = await readJson(file, schedulerJson);
  const alphas = json.trained_betas
    ? alphasCumprodOf(json.trained_betas)
    : alphasCumprod({
        betaStart: json.beta_start,
        betaEnd: json.beta_end,
        kind: json.beta_schedule,
        timesteps: json.num_train_timesteps,
      });
  if (json.rescale_betas_zero_snr && json.prediction_type !== 'v_prediction') {
    throw new CheckpointError(
      `${file}: rescale_betas_zero_snr needs prediction_type v_prediction: no other can be painted from pure noise. Take the file from where the model was published.`,
    );
  }
  return {
    schedule: {
      alphasCumprod: json.rescale_betas_zero_snr ? zeroTerminalSnr(alphas) : alphas,
      predictionType: json.prediction_type,
    },
    advice: {
      ...(json.guidance_rescale && { guidanceRescale: json.guidance_rescale }),
      ...(json.timestep_spacing === 'trailing' && { sampler: trailing(json._class_name), sigmas: 'trailing' as const }),
      ...distilled(json._class_name),
    },
  };
}

/** These two schedulers are for nothing but models distilled for them. */
function distilled(scheduler: string | undefined): Partial<ModelCard> | undefined {
  if (scheduler === 'LCMScheduler') return recipeNamed('lcm');
  return scheduler === 'TCDScheduler' ? recipeNamed('tcd') : undefined;
}

/** The scheduler's class is a default that people replace; where its timesteps lie is what the model was trained for. */
function trailing(scheduler: string | undefined): SamplerName {
  const sampler = samplerNamed(scheduler ?? '')?.sampler ?? 'ddim';
  return spacingsOf(sampler).includes('trailing') ? sampler : 'ddim';
}
