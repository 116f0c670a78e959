import { choices, described, picture, slashCommand } from '../src/bot/gateway/command-data.js';
import { type BlendNeeds, paintBlend } from '../src/bot/intake/blend.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { PROMPT_LENGTH } from '../src/bot/request/bounds.js';
import { SPEED_NAMES } from '../src/engine/pipeline/speed.js';
import { MAX_SEED } from '../src/engine/random/seed.js';

/** /blend: new pictures from what several pictures show together. */
export const blend: ChatCommand<BlendNeeds> = {
  data: () =>
    slashCommand('blend')
      .addAttachmentOption((o) => picture(o, 'blend', 'image1').setRequired(true))
      .addAttachmentOption((o) => picture(o, 'blend', 'image2').setRequired(true))
      .addAttachmentOption((o) => picture(o, 'blend', 'image3'))
      .addAttachmentOption((o) => picture(o, 'blend', 'image4'))
      .addStringOption((o) => described(o, 'blend', 'prompt').setMaxLength(PROMPT_LENGTH))
      .addStringOption((o) => described(o, 'blend', 'weights').setMaxLength(40))
      .addNumberOption((o) => described(o, 'blend', 'strength').setMinValue(0).setMaxValue(1))
      .addIntegerOption((o) => described(o, 'imagine', 'count').setMinValue(1).setMaxValue(4))
      .addIntegerOption((o) => described(o, 'imagine', 'seed').setMinValue(0).setMaxValue(MAX_SEED))
      .addStringOption((o) => described(o, 'imagine', 'speed').addChoices(choices('speed', SPEED_NAMES)))
      .toJSON(),

  execute: paintBlend,
};
