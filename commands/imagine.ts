import type { SlashCommandBuilder } from 'discord.js';
import { SCALE, STEPS, VARIATION_STRENGTH } from '../src/bot/buttons.js';
import type { ChatCommand } from '../src/bot/command.js';
import { described, slashCommand } from '../src/bot/command-data.js';
import { localizations, translateFor } from '../src/bot/i18n.js';
import { ASPECTS, type Aspect, sizeFor } from '../src/bot/models.js';
import { Refusal } from '../src/bot/refusal.js';
import { randomSeed } from '../src/bot/results.js';
import { keepAttachment } from '../src/bot/sources.js';
import { submit } from '../src/bot/submit.js';
import { suggest } from '../src/bot/suggest.js';
import { MAX_SEED } from '../src/engine/random/seed.js';
import { SAMPLERS } from '../src/engine/samplers/table.js';

/** /imagine: pictures from words, or from a picture and words. */
export const imagine: ChatCommand = {
  data: () => withOptions(slashCommand('imagine')).toJSON(),

  async execute(app, interaction) {
    const { options } = interaction;
    const settings = await app.settings.of(interaction.guildId);
    const name = options.getString('model') ?? app.config.model;
    const offered = app.models.get(name);
    if (!offered) throw new Refusal('noModel', { model: name });
    const { card } = offered.model;
    const image = options.getAttachment('image');
    const [width, height] = sizeFor(offered, (options.getString('aspect') ?? 'square') as Aspect);
    const source = image ? (await keepAttachment(app, image)).key : undefined;
    await submit(
      app,
      interaction,
      {
        kind: image ? 'img2img' : 'txt2img',
        prompt: options.getString('prompt', true),
        negative: options.getString('negative') ?? '',
        width,
        height,
        count: options.getInteger('count') ?? settings.count,
        steps: options.getInteger('steps') ?? (settings.steps || card.steps),
        scale: options.getNumber('scale') ?? (settings.scale || card.scale),
        sampler: samplerOf(options.getString('sampler') ?? card.sampler),
        seed: options.getInteger('seed') ?? randomSeed(),
        model: name,
        ...(source && { source, strength: options.getNumber('strength') ?? VARIATION_STRENGTH }),
      },
      { ephemeral: options.getBoolean('hidden') ?? false, spoiler: options.getBoolean('spoiler') ?? false },
    );
  },

  async autocomplete(app, interaction) {
    const { name, value } = interaction.options.getFocused(true);
    const choices =
      name === 'sampler'
        ? Object.entries(SAMPLERS).map(([name, { title }]) => ({ name: title, value: name }))
        : [...app.models.values()].filter(({ allowed }) => allowed).map(({ name }) => ({ name, value: name }));
    await interaction.respond(suggest(choices, value));
  },
};

/** A title or name that was typed and not picked is understood too. */
function samplerOf(text: string): string {
  const typed = text.toLowerCase();
  const found = Object.entries(SAMPLERS).find(([name, { title }]) => name === typed || title.toLowerCase() === typed);
  if (!found) throw new Refusal('noSampler', { sampler: text.slice(0, 100) });
  return found[0];
}

function withOptions(command: SlashCommandBuilder) {
  const en = translateFor('en');
  const aspects = (Object.keys(ASPECTS) as Aspect[]).map((aspect) => ({
    name: en(`aspect.${aspect}`),
    name_localizations: localizations(`aspect.${aspect}`),
    value: aspect,
  }));
  return command
    .addStringOption((o) => described(o, 'imagine', 'prompt').setRequired(true).setMaxLength(1500))
    .addStringOption((o) => described(o, 'imagine', 'negative').setMaxLength(1500))
    .addIntegerOption((o) => described(o, 'imagine', 'count').setMinValue(1).setMaxValue(4))
    .addStringOption((o) => described(o, 'imagine', 'aspect').addChoices(...aspects))
    .addAttachmentOption((o) => described(o, 'imagine', 'image'))
    .addNumberOption((o) => described(o, 'imagine', 'strength').setMinValue(0).setMaxValue(1))
    .addIntegerOption((o) => described(o, 'imagine', 'steps').setMinValue(STEPS.low).setMaxValue(STEPS.high))
    .addNumberOption((o) => described(o, 'imagine', 'scale').setMinValue(SCALE.low).setMaxValue(SCALE.high))
    .addIntegerOption((o) => described(o, 'imagine', 'seed').setMinValue(0).setMaxValue(MAX_SEED))
    .addStringOption((o) => described(o, 'imagine', 'sampler').setAutocomplete(true))
    .addStringOption((o) => described(o, 'imagine', 'model').setAutocomplete(true))
    .addBooleanOption((o) => described(o, 'imagine', 'hidden'))
    .addBooleanOption((o) => described(o, 'imagine', 'spoiler'));
}
