import type { ChatInputCommandInteraction } from 'discord.js';
import type { App } from '../app.js';
import { type Making, requestFrom } from './from-picture.js';
import { checkMask } from './mask.js';
import { isSpoiler } from './sources.js';
import { submit } from './submit.js';
import { withUploads } from './uploads.js';

/** What a command does that starts from the picture in its option `image`. Options that it does not have are not said. */
export function paintFrom(
  app: App,
  interaction: ChatInputCommandInteraction,
  kind: 'img2img' | 'inpaint' | 'upscale',
): Promise<void> {
  return withUploads(app, interaction, async (keep) => {
    const { options, guildId } = interaction;
    const image = options.getAttachment('image', true);
    const wishes = {
      prompt: options.getString('prompt'),
      strength: options.getNumber('strength'),
      count: options.getInteger('count'),
      seed: options.getInteger('seed'),
    };
    const kept = await keep(image);
    const mask = kind === 'inpaint' ? await keep(options.getAttachment('mask', true)) : undefined;
    const making: Making = mask ? { kind: 'inpaint', mask: mask.key } : { kind: kind === 'upscale' ? kind : 'img2img' };
    const [{ request, notices }] = await Promise.all([
      requestFrom(app, guildId, image, making, wishes, kept),
      mask && checkMask(app, kept, mask),
    ]);
    await submit(app, interaction, request, { spoiler: isSpoiler(image), notices });
  });
}
