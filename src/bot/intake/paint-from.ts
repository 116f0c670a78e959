import type { ChatInputCommandInteraction } from 'discord.js';
import type { InpaintArea } from '../../engine/pipeline/request.js';
import type { Speed } from '../../engine/pipeline/speed.js';
import { withAlternatives } from '../request/varied.js';
import type { Ask } from './ask.js';
import { controlled, controlOptions } from './control.js';
import { enlargingFor } from './enlarging.js';
import { type FromPictureNeeds, type Making, requestFrom } from './from-picture.js';
import { ignored, unskipped } from './ignored.js';
import { checkMask } from './mask.js';
import { isSpoiler, type KeepNeeds } from './sources.js';
import { type SubmitNeeds, submit } from './submit.js';
import { COUNTED, FROM_PICTURE, overridden, TypedOptions } from './typed-options.js';
import { withUploads } from './uploads.js';

export type PaintFromNeeds = KeepNeeds & FromPictureNeeds & SubmitNeeds;

/**
 * The body of commands that start from the picture in their option `image`. Options that the command does not have are
 * absent.
 */
export function paintFrom(
  needs: PaintFromNeeds,
  ask: Ask<ChatInputCommandInteraction>,
  kind: 'img2img' | 'inpaint' | 'upscale',
): Promise<void> {
  return withUploads(needs, ask, async (keep) => {
    const { options } = ask.interaction;
    const image = options.getAttachment('image', true);
    const typed = new TypedOptions(options, kind === 'upscale' ? COUNTED : FROM_PICTURE);
    const given = {
      prompt: typed.prompt,
      strength: typed.number('strength'),
      count: typed.whole('count'),
      seed: typed.whole('seed'),
      speed: typed.string('speed') as Speed | null,
    };
    const enlarging = kind === 'upscale' ? enlargingFor(needs, options, given) : undefined;
    const [kept, mask] = await Promise.all([
      keep(image),
      kind === 'inpaint' ? keep(options.getAttachment('mask', true)) : undefined,
    ]);
    const area = (options.getString('area') as InpaintArea | null) ?? 'whole';
    const making: Making = mask
      ? { kind: 'inpaint', mask: mask.key, area }
      : (enlarging?.making ?? { kind: 'img2img' });
    const [{ request, notices }] = await Promise.all([
      requestFrom(needs, ask, image, making, { ...given, ...(enlarging && { details: enlarging.details }) }, kept),
      mask && checkMask(needs.inspectors, ask, kept, mask),
    ]);
    const wanted = overridden(request, typed.given);
    const steered = { ...wanted, ...controlled(needs, controlOptions(options), request.model, kept.key) };
    // A prompt that is stored in a picture is one prompt, with or without braces.
    const painted = typed.prompt ? withAlternatives(steered, kind === 'upscale' ? 'all' : given.count) : steered;
    await submit(needs, ask, painted, {
      spoiler: isSpoiler(image),
      notices: [
        ...notices,
        ...typed.notices,
        ...unskipped(given.speed, steered),
        ...ignored(typed.given.ar !== undefined && 'aspectIgnored'),
      ],
    });
  });
}
