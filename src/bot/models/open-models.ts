import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import type { EaselError } from '../../engine/errors.js';
import { offeredControls } from './controls.js';
import { defaultModel } from './default-model.js';
import { type Models, type OfferedModel, offeredModels } from './models.js';
import { noSuchModel, unchecked } from './no-model.js';
import { offeredUpscalers } from './upscalers.js';

/**
 * The models on offer, with what the operator should know of them in the log, and the settings with the name of the one that
 * paints where nobody names another.
 *
 * @throws EaselError if there is none, or it may not be used.
 */
export async function openModels(
  settings: Config,
  log: Logger,
): Promise<{ config: Config; models: Models; model: OfferedModel }> {
  const unusable = new Map<string, EaselError>();
  const models = await offeredModels(settings.modelsDir, settings.safetyChecker, (name, error) => {
    unusable.set(name, error);
    log.warn({ model: name, err: error }, 'a model cannot be used');
  });
  for (const { name, model, dangerous } of models.values()) {
    if (dangerous.length > 0) {
      log.warn(
        { model: name, names: dangerous.slice(0, 10) },
        'a model could run programs in other software; nothing of it is run here',
      );
    }
    for (const warning of model.warnings) log.warn({ model: name, warning }, 'a model has a warning');
  }
  const config = { ...settings, model: await defaultModel(settings, models) };
  const model = models.get(config.model);
  if (!model) throw await noSuchModel(config, models, unusable);
  if (!model.allowed) throw unchecked(model);
  return { config, models, model };
}

/** The ControlNets and upscalers on offer; what cannot be used is in the log. */
export async function openAdditions(
  { modelsDir, upscaler }: Pick<Config, 'modelsDir' | 'upscaler'>,
  models: Models,
  log: Logger,
) {
  const controls = await offeredControls(modelsDir, models, (name, error) => {
    log.warn({ controlnet: name, err: error }, 'a ControlNet cannot be used');
  });
  const upscalers = await offeredUpscalers(modelsDir, models, upscaler, (name, error) => {
    log.warn({ upscaler: name, err: error }, 'an upscaler cannot be used');
  });
  return { controls, upscalers };
}
