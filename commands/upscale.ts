import { described, picture, slashCommand } from '../src/bot/gateway/command-data.js';
import { type PaintFromNeeds, paintFrom } from '../src/bot/intake/paint-from.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { PROMPT_LENGTH } from '../src/bot/request/bounds.js';

/** /upscale: any picture, twice as large. */
export const upscale: ChatCommand<PaintFromNeeds> = {
  data: () =>
    slashCommand('upscale')
      .addAttachmentOption((o) => picture(o, 'upscale', 'image').setRequired(true))
      .addStringOption((o) => described(o, 'upscale', 'prompt').setMaxLength(PROMPT_LENGTH))
      .addNumberOption((o) => described(o, 'imagine', 'strength').setMinValue(0).setMaxValue(1))
      .toJSON(),

  execute: (needs, ask) => paintFrom(needs, ask, 'upscale'),
};
