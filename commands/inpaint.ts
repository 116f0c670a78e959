import { choices, described, picture, slashCommand, withControl } from '../src/bot/gateway/command-data.js';
import { type PaintFromNeeds, paintFrom } from '../src/bot/intake/paint-from.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { type ControlOffer, kindsOf } from '../src/bot/models/controls.js';
import { PROMPT_LENGTH } from '../src/bot/request/bounds.js';
import { INPAINT_AREAS } from '../src/engine/pipeline/request.js';
import { SPEED_NAMES } from '../src/engine/pipeline/speed.js';
import { MAX_SEED } from '../src/engine/random/seed.js';

/** /inpaint: repaints the white part of a mask. */
export const inpaint: ChatCommand<PaintFromNeeds & ControlOffer> = {
  data: (offer) => withControl(withOptions(), kindsOf(offer, true)).toJSON(),

  execute: (needs, ask) => paintFrom(needs, ask, 'inpaint'),
};

function withOptions() {
  return slashCommand('inpaint')
    .addAttachmentOption((o) => picture(o, 'inpaint', 'image').setRequired(true))
    .addAttachmentOption((o) => picture(o, 'inpaint', 'mask').setRequired(true))
    .addStringOption((o) => described(o, 'inpaint', 'prompt').setRequired(true).setMaxLength(PROMPT_LENGTH))
    .addStringOption((o) => described(o, 'inpaint', 'area').addChoices(choices('area', INPAINT_AREAS)))
    .addNumberOption((o) => described(o, 'imagine', 'strength').setMinValue(0).setMaxValue(1))
    .addIntegerOption((o) => described(o, 'imagine', 'count').setMinValue(1).setMaxValue(4))
    .addIntegerOption((o) => described(o, 'imagine', 'seed').setMinValue(0).setMaxValue(MAX_SEED))
    .addStringOption((o) => described(o, 'imagine', 'speed').addChoices(choices('speed', SPEED_NAMES)));
}
