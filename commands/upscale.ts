import type { SlashCommandBuilder } from 'discord.js';
import { described, picture, slashCommand } from '../src/bot/gateway/command-data.js';
import { type PaintFromNeeds, paintFrom } from '../src/bot/intake/paint-from.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import type { UpscalerOffer } from '../src/bot/models/upscalers.js';
import { PROMPT_LENGTH } from '../src/bot/request/bounds.js';

/** How much larger: all that upscalers are trained for. */
const FACTORS = [2, 4];

/** /upscale: any picture, larger: by an upscaler, by painting details, or both. */
export const upscale: ChatCommand<PaintFromNeeds> = {
  data: (offer) =>
    withUpscaler(
      slashCommand('upscale').addAttachmentOption((o) => picture(o, 'upscale', 'image').setRequired(true)),
      offer,
    )
      .addStringOption((o) => described(o, 'upscale', 'prompt').setMaxLength(PROMPT_LENGTH))
      .addNumberOption((o) => described(o, 'imagine', 'strength').setMinValue(0).setMaxValue(1))
      .toJSON(),

  execute: (needs, ask) => paintFrom(needs, ask, 'upscale'),
};

/** The options that say which upscaler and how, if there is one. */
function withUpscaler<C extends Pick<SlashCommandBuilder, 'addIntegerOption' | 'addStringOption' | 'addBooleanOption'>>(
  command: C,
  { upscalers }: UpscalerOffer,
): C {
  if (upscalers.length === 0) return command;
  command
    .addIntegerOption((o) =>
      described(o, 'upscale', 'by').addChoices(...FACTORS.map((value) => ({ name: `${value}×`, value }))),
    )
    .addStringOption((o) =>
      described(o, 'upscale', 'with').addChoices(...upscalers.map(({ name }) => ({ name, value: name }))),
    )
    .addBooleanOption((o) => described(o, 'upscale', 'details'));
  return command;
}
