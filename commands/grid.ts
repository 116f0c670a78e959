import { described, slashCommand } from '../src/bot/gateway/command-data.js';
import { defaultsFor } from '../src/bot/intake/defaults.js';
import { ignored } from '../src/bot/intake/ignored.js';
import { type SubmitNeeds, submit } from '../src/bot/intake/submit.js';
import { overridden, TypedOptions } from '../src/bot/intake/typed-options.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { modelChoices, modelOf, type Offer, sizeFor, sizeOfShape } from '../src/bot/models/models.js';
import { axisExamples, parseAxis } from '../src/bot/request/axes.js';
import { PROMPT_LENGTH } from '../src/bot/request/bounds.js';
import type { PaintRequest } from '../src/bot/request/paint-request.js';
import type { TypedName } from '../src/bot/request/parameters.js';
import { named, suggest } from '../src/bot/text/suggest.js';
import { MAX_SEED, randomSeed } from '../src/engine/random/seed.js';

/** What may be typed at the end of a prompt here. */
const TYPED: readonly TypedName[] = ['ar', 'no', 'seed', 'steps', 'scale', 'sampler', 'speed', 'model', 'tile'];

/** /grid: a table of one picture painted with different settings, to see what each setting does. */
export const grid: ChatCommand<Offer & SubmitNeeds> = {
  data: () =>
    slashCommand('grid')
      .addStringOption((o) => described(o, 'grid', 'prompt').setRequired(true).setMaxLength(PROMPT_LENGTH))
      .addStringOption((o) => described(o, 'grid', 'across').setRequired(true).setMaxLength(200).setAutocomplete(true))
      .addStringOption((o) => described(o, 'grid', 'down').setMaxLength(200).setAutocomplete(true))
      .addStringOption((o) => described(o, 'imagine', 'negative').setMaxLength(PROMPT_LENGTH))
      .addIntegerOption((o) => described(o, 'imagine', 'seed').setMinValue(0).setMaxValue(MAX_SEED))
      .addStringOption((o) => described(o, 'imagine', 'model').setAutocomplete(true))
      .toJSON(),

  async execute(needs, ask) {
    const { options } = ask.interaction;
    const settings = await ask.settings();
    const typed = new TypedOptions(options, TYPED);
    const offered = modelOf(needs, typed.string('model'), settings);
    const { card } = offered.model;
    const { ar } = typed.given;
    const [width, height] = ar ? sizeOfShape(offered.model, ar) : sizeFor(needs, offered, 'square');
    const down = options.getString('down');
    const axes = [options.getString('across', true), ...(down ? [down] : [])].map(parseAxis);
    const seed = typed.whole('seed');
    const prompt = typed.prompt!;
    const request: PaintRequest = {
      kind: 'table',
      prompt,
      negative: typed.negative ?? '',
      width,
      height,
      count: axes.reduce((product, { values }) => product * values.length, 1),
      ...(await defaultsFor(card, settings, prompt)),
      seed: seed ?? randomSeed(),
      model: offered.name,
      axes,
    };
    const seeds = axes.some(({ parameter }) => parameter === 'seeds');
    const { no: _, ...others } = typed.given;
    await submit(needs, ask, overridden(request, others), {
      notices: [...typed.notices, ...ignored(seed !== null && seeds && 'seedIgnored')],
    });
  },

  async autocomplete(needs, { interaction, t }) {
    const { name, value } = interaction.options.getFocused(true);
    if (name === 'model') return interaction.respond(suggest(modelChoices(needs), value));
    // The member's own text comes first: an example must not replace it.
    const typed = /[:：=]/.test(value) ? [value] : [];
    const examples = axisExamples(t).filter((example) => example.toLowerCase().startsWith(value.toLowerCase()));
    await interaction.respond(named([...typed, ...examples]));
  },
};
