import { choices, described, picture, slashCommand, withControl } from '../src/bot/gateway/command-data.js';
import { type PaintFromNeeds, paintFrom } from '../src/bot/intake/paint-from.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { type ControlOffer, kindsOf } from '../src/bot/models/controls.js';
import { PROMPT_LENGTH } from '../src/bot/request/bounds.js';
import { SPEED_NAMES } from '../src/engine/pipeline/speed.js';
import { MAX_SEED } from '../src/engine/random/seed.js';

/** /vary: variations of any picture. */
export const vary: ChatCommand<PaintFromNeeds & ControlOffer> = {
  data: (offer) => withControl(withOptions(), kindsOf(offer, true)).toJSON(),

  execute: (needs, ask) => paintFrom(needs, ask, 'img2img'),
};

function withOptions() {
  return slashCommand('vary')
    .addAttachmentOption((o) => picture(o, 'vary', 'image').setRequired(true))
    .addStringOption((o) => described(o, 'vary', 'prompt').setMaxLength(PROMPT_LENGTH))
    .addNumberOption((o) => described(o, 'imagine', 'strength').setMinValue(0).setMaxValue(1))
    .addIntegerOption((o) => described(o, 'imagine', 'count').setMinValue(1).setMaxValue(4))
    .addIntegerOption((o) => described(o, 'imagine', 'seed').setMinValue(0).setMaxValue(MAX_SEED))
    .addStringOption((o) => described(o, 'imagine', 'speed').addChoices(choices('speed', SPEED_NAMES)));
}
